"""A tenant's policy, compiled: what every rule asks of it, answered without parsing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from sluicegate.detection.calendar import Calendar
from sluicegate.rules.base import Rule, RuleParams
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Reject
from sluicegate.wire.events import PolicyUpdate
from sluicegate.wire.scalars import dec_hook

if TYPE_CHECKING:
    from sluicegate.detection.plan import Look

P = TypeVar("P", bound=RuleParams)
REVIEW_BELOW_HOLD = "payments are reviewed from a score at which they are not held yet: at most hold_from"


class Policy:
    """One `policy.update.v1`, ready for use; `event_id` is None for the defaults."""

    def __init__(self, update: PolicyUpdate, event_id: str | None) -> None:
        self.event_id = event_id
        self.update = update
        self.base_currency = update.base_currency
        self.calendar = Calendar(update.timezone, update.holidays, update.pay_days, update.pay_dates)
        self.limits = tuple(sorted(map(float, update.limits)))
        self.crypto = update.crypto
        self.trusted = frozenset(account.fp for account in update.trusted_accounts)
        self.household_check = update.household_check
        self.screen_dob = update.screen_dob
        self.roster = update.roster
        self.cross_tenant_counts = update.cross_tenant_counts
        self.no_deduction_payees = frozenset(update.no_deduction_payees)
        self.ewa_providers = frozenset(update.ewa_providers)
        self.approver_zones = {user: ZoneInfo(name) for user, name in update.approver_timezones.items()}
        self.migrations = update.migrations
        self.recurring_contracts = update.recurring_contracts
        self.clearance = update.clearance
        self.chosen: dict[tuple[str, tuple[bool, ...], str], tuple[Look, ...]] = {}
        """By type of event, what it has and phase: the rules that `plan` chose, of those in `chosen_from`."""
        self.chosen_from: Mapping[type, tuple[Rule, ...]] | None = None
        self._modes: dict[str, str] = {}
        self._params: dict[str, RuleParams] = {}
        for slug, rule in RULES.items():
            setting = update.rules.get(slug)
            self._modes[slug] = setting.mode if setting is not None else "live"
            self._params[slug] = _convert(rule, setting.params if setting is not None else {})

    def mode(self, slug: str) -> str:
        """`live`, `shadow` or `off`."""
        return self._modes[slug]

    def shadowing(self, slugs: Collection[str]) -> Policy:
        """This policy, with these rules in shadow."""
        if not slugs:
            return self
        other = copy(self)
        other._modes = self._modes | dict.fromkeys(slugs, "shadow")
        return other

    def params(self, rule: Rule, kind: type[P]) -> P:
        """The rule's parameters under this policy."""
        return cast("P", self._params[rule.slug])

    def param(self, slug: str, name: str) -> Any:
        """One parameter of a rule, for parts of detection that serve it."""
        return getattr(self._params[slug], name)

    def approved_provider(self, provider: str | None) -> bool:
        return provider is not None and provider in self.crypto.providers


def _convert(rule: Rule, params: Mapping[str, Any]) -> RuleParams:
    return msgspec.convert(dict(params), rule.params, str_keys=True)


@lru_cache(maxsize=4096)
def compile_policy(body: bytes | None, event_id: str | None) -> Policy:
    """The policy of an event's `data` (JSON); None is the default policy."""
    return Policy(_decode(b"{}" if body is None else body), event_id)


_decode = msgspec.json.Decoder(PolicyUpdate, dec_hook=dec_hook).decode


def check_policy(update: PolicyUpdate) -> Reject | None:
    """What the schema cannot say: known parameters within their bounds, a known time zone."""
    for path, zone in (("/data/timezone", update.timezone), *_approver_zones(update)):
        if not is_zone(zone):
            return Reject("schema_violation", path, "not an IANA time zone name such as Europe/Berlin")
    if update.clearance is not None and update.clearance.review_from > update.clearance.hold_from:
        return Reject("schema_violation", "/data/clearance/review_from", REVIEW_BELOW_HOLD)
    for slug, setting in update.rules.items():
        for name, message in param_faults(slug, setting.params):
            return Reject("schema_violation", f"/data/rules/{slug}/params/{name}", message)
    return None


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name.

    >>> is_zone("Europe/Berlin"), is_zone("Europe"), is_zone("Europe/Nowhere"), is_zone("")
    (True, False, False, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def param_faults(slug: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Parameters that a rule does not know or not take, each with what is wrong; of an unknown rule none.

    >>> list(param_faults("pay-spike", {"min_history": 4, "min_z": 0}))
    []
    >>> list(param_faults("pay-spike", {"min_history": 0, "run_cap": 1}))[0]
    ('min_history', 'Expected `int` >= 1')
    """
    rule = RULES.get(slug)
    if rule is None:
        return
    known = rule.params.__struct_fields__
    for name, value in params.items():
        if name not in known:
            yield name, f"unknown parameter; known are: {', '.join(known) or 'none'}"
            continue
        try:
            _convert(rule, {name: value})
        except msgspec.ValidationError as fault:
            yield name, str(fault).split(" - at")[0]


def _approver_zones(update: PolicyUpdate) -> list[tuple[str, str]]:
    return [("/data/approver_timezones", zone) for zone in dict.fromkeys(update.approver_timezones.values())]
