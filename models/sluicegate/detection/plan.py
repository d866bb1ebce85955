"""Which rules look at an event: chosen once for a policy, a type of event and a phase of its evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sluicegate.detection.signs import PATTERN
from sluicegate.rules.base import Check, Rule, RuleParams
from sluicegate.wire.events import Payment

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy
    from sluicegate.wire.decode import Event

Look = tuple[Rule, Check, RuleParams]

AT_ONCE: Final = "at once"
"""Rules that do not wait for the whole amount of a payment."""
WHOLE: Final = "whole"
"""Rules about the amount, once it is whole."""
WAITING: Final = "waiting"
"""Of these the one that looks at each part of a payment whose other parts are not in."""
ALL: Final = "all"

_CHOOSES: Mapping[str, Callable[[Rule], bool]] = {
    AT_ONCE: lambda rule: not rule.about_amount,
    WHOLE: lambda rule: rule.about_amount,
    WAITING: lambda rule: rule.slug == PATTERN,
    ALL: lambda _: True,
}


def looks(policy: Policy, event: Event, phase: str, rules_on: Mapping[type, tuple[Rule, ...]]) -> tuple[Look, ...]:
    """The rules of a phase that the policy has on, with their checks and parameters, in their order."""
    if policy.chosen_from is not rules_on:
        policy.chosen_from, policy.chosen = rules_on, {}
    key = (event.type, phase)
    found = policy.chosen.get(key)
    if found is None:
        found = policy.chosen[key] = tuple(_choose(policy, event, phase, rules_on))
    return found


def _choose(policy: Policy, event: Event, phase: str, rules_on: Mapping[type, tuple[Rule, ...]]) -> Iterator[Look]:
    kind = type(event.data)
    for rule in rules_on[kind]:
        concerned = kind is not Payment or event.type.startswith(rule.pays)
        if concerned and _CHOOSES[phase](rule) and policy.mode(rule.slug) != "off":
            yield rule, rule.on[kind], policy.params(rule, rule.params)
