"""What one side of a backtest is judged by: the policies in the files, another policy, rule settings laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from sluicegate.detection.amounts import EXACT
from sluicegate.rules.registry import RULES

__all__ = ["Change", "Settings", "further", "moved_numbers"]

Json = dict[str, Any]
Settings = Mapping[str, Json]
"""Slug -> `mode` and `params`, as `rules` of a policy holds them."""


class Change(msgspec.Struct, frozen=True):
    """A policy (`data` of a `policy.update.v1`) in place of those in the files, and settings laid over either.

    `tenant` is whom the policy is for; None: all. `beyond`, where given, is the side that this one is a change of, and
    the change is taken half as far again (see `further`).
    """

    policy: Json | None = None
    tenant: str | None = None
    rules: Settings = {}
    beyond: Change | None = None

    @property
    def changes(self) -> bool:
        """Whether any policy becomes another."""
        return self.policy is not None or bool(self.rules)

    @property
    def shares(self) -> bool:
        """Whether it opts tenants in to counts across tenants."""
        return bool(self.policy and self.policy.get("cross_tenant_counts"))

    def over(self, tenant: str, data: Json) -> Json:
        """The policy in place of `data` (JSON of a `policy.update.v1`), which stays as it is.

        >>> change = Change(rules={"near-limit": {"params": {"min_count": 3}}})
        >>> change.over("acme", {"limits": ["5000"], "rules": {"near-limit": {"mode": "shadow"}}})
        {'limits': ['5000'], 'rules': {'near-limit': {'mode': 'shadow', 'params': {'min_count': 3}}}}
        """
        replaces = self.policy is not None and self.tenant in (None, tenant)
        changed = dict(self.policy if replaces and self.policy is not None else data)
        if self.rules:
            rules = dict(changed.get("rules") or {})
            for slug, setting in self.rules.items():
                held = rules.get(slug) or {}
                params = dict(held.get("params") or {}) | setting.get("params", {})
                rules[slug] = {**held, **setting, "params": params}
            changed["rules"] = rules
        return changed if self.beyond is None else further(self.beyond.over(tenant, data), changed)


def further(before: Json, after: Json) -> Json:
    """`after`, with each number that it changed in a rule's parameters moved on by half of the change.

    Whole numbers move by at least one. What would be out of bounds stays where it is.

    >>> further({}, {"rules": {"duplicate-invoice": {"params": {"tolerance": 0.01}}}})
    {'rules': {'duplicate-invoice': {'params': {'tolerance': 0.0125}}}}
    >>> further({}, {"rules": {"near-limit": {"params": {"min_count": 3, "near_ratio": 0.9}}}})
    {'rules': {'near-limit': {'params': {'min_count': 2, 'near_ratio': 0.9}}}}
    """
    rules = dict(after.get("rules") or {})
    for slug, name, _, _, beyond in moved_numbers(before, after):
        held = rules.get(slug) or {}
        rules[slug] = {**held, "params": {**(held.get("params") or {}), name: beyond}}
    return after | {"rules": rules} if rules else after


def moved_numbers(before: Json, after: Json) -> list[tuple[str, str, Any, Any, Any]]:
    """(slug, parameter, value before, value after, value half as far again) of every number that differs."""
    moved = []
    for slug in {**(before.get("rules") or {}), **(after.get("rules") or {})}:
        if slug not in RULES:
            continue
        old, new = _params(before, slug), _params(after, slug)
        for name in RULES[slug].params.__struct_fields__:
            beyond = _beyond(slug, name, getattr(old, name), getattr(new, name))
            if beyond is not None:
                moved.append((slug, name, getattr(old, name), getattr(new, name), beyond))
    return moved


def _params(policy: Json, slug: str) -> Any:
    setting = (policy.get("rules") or {}).get(slug) or {}
    return msgspec.convert(setting.get("params") or {}, RULES[slug].params, str_keys=True)


def _beyond(slug: str, name: str, old: Any, new: Any) -> Any:
    """Half as far again, in the type of the parameter; None where that is no number, or nothing moved, or no room."""
    try:
        was, is_ = Decimal(str(old)), Decimal(str(new))
    except ArithmeticError:
        return None
    if was == is_:
        return None
    if isinstance(new, int):
        step = max(1, abs(new - old) // 2)
        value: Any = new + (step if new > old else -step)
    else:
        exact = EXACT.add(is_, EXACT.divide(EXACT.subtract(is_, was), Decimal(2)))
        value = format(exact, "f") if isinstance(new, str) else float(exact)
    try:
        msgspec.convert({name: value}, RULES[slug].params)
    except msgspec.ValidationError:
        return None
    return value
