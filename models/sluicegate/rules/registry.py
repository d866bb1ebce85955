"""Finds the rules: every module of this package that has a `RULE`."""

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sluicegate import rules
from sluicegate.rules.base import Rule


def _discover() -> dict[str, Rule]:
    found = [import_module(f"{rules.__name__}.{module.name}") for module in iter_modules(rules.__path__)]
    out = sorted((m.RULE for m in found if isinstance(getattr(m, "RULE", None), Rule)), key=_order)
    return {rule.slug: rule for rule in out}


def _order(rule: Rule) -> tuple[int, int]:
    return "ABCDSXQ".index(rule.letter[0]), int(rule.letter[1:])


RULES = MappingProxyType(_discover())
"""Slug -> rule, in the order in which they look at an event."""
