"""Which rules look at an event: chosen once for a policy, a type of event, what it has, and a phase of evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sluicegate.detection.signs import PATTERN
from sluicegate.rules.base import GIVEN, Check, Rule, RuleParams
from sluicegate.wire.events import Payment

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.records import PayeeRecord
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


def given(data: Payment, record: PayeeRecord) -> tuple[bool, ...]:
    """What a payment has of `GIVEN`; all rules about another event look at it."""
    account, purpose = data.account, data.purpose
    return (
        account.wallet is not None,
        account.name_check is not None,
        purpose is not None and bool(purpose.code or purpose.category_code),
        bool(record.changes),
        bool(record.advances),
    )


def looks(
    policy: Policy, event: Event, held: tuple[bool, ...], phase: str, rules_on: Mapping[type, tuple[Rule, ...]]
) -> tuple[Look, ...]:
    """The rules of a phase that the policy has on, with their checks and parameters, in their order.

    `held` is what the event has of `GIVEN`.
    """
    if policy.chosen_from is not rules_on:
        policy.chosen_from, policy.chosen = rules_on, {}
    key = (event.type, held, phase)
    found = policy.chosen.get(key)
    if found is None:
        found = policy.chosen[key] = tuple(_choose(policy, event, held, phase, rules_on))
    return found


def _choose(
    policy: Policy, event: Event, held: tuple[bool, ...], phase: str, rules_on: Mapping[type, tuple[Rule, ...]]
) -> Iterator[Look]:
    kind, lacking = type(event.data), {what for what, is_there in zip(GIVEN, held, strict=True) if not is_there}
    for rule in rules_on[kind]:
        concerned = kind is not Payment or event.type.startswith(rule.pays)
        if concerned and rule.given not in lacking and _CHOOSES[phase](rule) and policy.mode(rule.slug) != "off":
            yield rule, rule.on[kind], policy.params(rule, rule.params)
