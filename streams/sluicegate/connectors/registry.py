"""Finds the connectors: every module of this package that has a `CONNECTOR`."""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sluicegate import connectors
from sluicegate.connectors.base import Connector

__all__ = ["CONNECTORS"]


def _discover() -> dict[str, Connector]:
    found = (import_module(f"{connectors.__name__}.{module.name}") for module in iter_modules(connectors.__path__))
    own = (module.CONNECTOR for module in found if isinstance(getattr(module, "CONNECTOR", None), Connector))
    return {connector.name: connector for connector in sorted(own, key=lambda one: one.name)}


CONNECTORS = MappingProxyType(_discover())
"""Name -> connector."""
