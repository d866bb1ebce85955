"""The schemes, one a file, found by looking into this folder."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from sluicegate.generate.scheme import Scheme


def _found() -> dict[str, Scheme]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    schemes = [import_module(f"{__name__}.{name}").SCHEME for name in names]
    return {scheme.name: scheme for scheme in schemes}


SCHEMES: dict[str, Scheme] = _found()
