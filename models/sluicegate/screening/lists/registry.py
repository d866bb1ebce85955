"""Finds the list sources: every module of this package that has a `SOURCE`, or several as `SOURCES`."""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sluicegate.screening import lists
from sluicegate.screening.lists.base import ListSource


def _discover() -> dict[str, ListSource]:
    names = (module.name for module in iter_modules(lists.__path__) if module.name != "registry")
    modules = [import_module(f"{lists.__name__}.{name}") for name in names]
    found = [source for module in modules for source in _of(module)]
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def _of(module: object) -> tuple[ListSource, ...]:
    one = getattr(module, "SOURCE", None)
    return (one,) if isinstance(one, ListSource) else tuple(getattr(module, "SOURCES", ()))


SOURCES = MappingProxyType(_discover())
"""List name -> source, by name."""
