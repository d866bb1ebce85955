"""Finds the signals: every module of this package that defines one."""

from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import MappingProxyType

from sluicegate import signals
from sluicegate.signals.base import BOTH, Signal


def _discover() -> list[type[Signal]]:
    modules = [import_module(f"{signals.__name__}.{module.name}") for module in iter_modules(signals.__path__)]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    return sorted((k for k in kinds if issubclass(k, Signal) and not isabstract(k)), key=lambda k: k.NAME)


SIGNALS = tuple(_discover())
"""By name."""

ON = MappingProxyType({stream: tuple(kind for kind in SIGNALS if stream in kind.STREAMS) for stream in BOTH})
"""Stream -> the signals that look at its payments."""

VERSION = "3." + ".".join(kind.VERSION for kind in SIGNALS)
"""Of all signals and of the way they are combined."""
