"""A tenant's policy, compiled: what every rule asks of it, answered without parsing."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from sluicegate.detection.calendar import Calendar
from sluicegate.rules.base import Rule, RuleParams
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Reject
from sluicegate.wire.events import PolicyUpdate
from sluicegate.wire.scalars import dec_hook

P = TypeVar("P", bound=RuleParams)


class Policy:
    """One `policy.update.v1`, ready for use; `event_id` is None for the defaults."""

    def __init__(self, update: PolicyUpdate, event_id: str | None) -> None:
        self.event_id = event_id
        self.update = update
        self.base_currency = update.base_currency
        self.calendar = Calendar(update.timezone, update.holidays, update.pay_days, update.pay_dates)
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
        self._modes: dict[str, str] = {}
        self._params: dict[str, RuleParams] = {}
        for slug, rule in RULES.items():
            setting = update.rules.get(slug)
            self._modes[slug] = setting.mode if setting is not None else "live"
            self._params[slug] = _convert(rule, setting.params if setting is not None else {})

    def mode(self, slug: str) -> str:
        """`live`, `shadow` or `off`."""
        return self._modes[slug]

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
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return Reject("schema_violation", path, "not an IANA time zone name such as Europe/Berlin")
    for slug, setting in update.rules.items():
        rule = RULES.get(slug)
        if rule is None:
            continue
        known = rule.params.__struct_fields__
        for name, value in setting.params.items():
            path = f"/data/rules/{slug}/params/{name}"
            if name not in known:
                return Reject("schema_violation", path, f"unknown parameter; known are: {', '.join(known) or 'none'}")
            try:
                _convert(rule, {name: value})
            except msgspec.ValidationError as fault:
                return Reject("schema_violation", path, str(fault).split(" - at")[0])
    return None


def _approver_zones(update: PolicyUpdate) -> list[tuple[str, str]]:
    return [("/data/approver_timezones", zone) for zone in dict.fromkeys(update.approver_timezones.values())]
