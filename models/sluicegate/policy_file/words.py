"""A policy in words: what it says, and what makes it another one than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from sluicegate.detection.policy import Policy
from sluicegate.policy_file.write import value_text
from sluicegate.rules.registry import RULES
from sluicegate.wire.events import ClearancePolicy, CryptoPolicy, PolicyUpdate

__all__ = ["differences", "summary"]

_NEXT = 3
_NAMED = 5


def summary(update: PolicyUpdate, today: date, holidays: str = "") -> Iterator[str]:
    """Lines for a person. `holidays` says where the holidays come from, where that is known.

    >>> for line in summary(PolicyUpdate(pay_days=(15,), roster=True), date(2026, 8, 3)):
    ...     print(line)
    base currency USD, time zone UTC
    pay days 15; next pay dates 2026-08-14, 2026-09-15, 2026-10-15
    crypto: not allowed
    on: roster, household_check, screen_dob; off: cross_tenant_counts
    rules: all live, parameters as they come
    """
    yield f"base currency {update.base_currency}, time zone {update.timezone}"
    if update.limits:
        yield f"approval limits {', '.join(update.limits)}"
    policy = Policy(update, None)
    if update.pay_days or update.pay_dates:
        named = [f"pay days {', '.join(map(_day, update.pay_days))}"] * bool(update.pay_days)
        named += [f"{len(update.pay_dates)} by date"] * bool(update.pay_dates)
        coming = ", ".join(day.isoformat() for day in _pay_dates(policy, today)) or "none to come"
        yield f"{' and '.join(named)}; next pay dates {coming}"
    if update.holidays:
        yield from _holidays(update.holidays, today, holidays)
    yield _crypto(update.crypto)
    if update.clearance is not None:
        yield _clearance(update.clearance)
    kinds = Counter(account.kind or "no kind" for account in update.trusted_accounts)
    counts = {
        "trusted accounts": ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())),
        "recurring contracts": str(len(update.recurring_contracts)) * bool(update.recurring_contracts),
        "bank migrations": str(len(update.migrations)) * bool(update.migrations),
        "banks of crypto firms": ", ".join(update.vasp_banks),
        "providers of advances": ", ".join(update.ewa_providers),
        "payees without deductions": str(len(update.no_deduction_payees)) * bool(update.no_deduction_payees),
        "approvers with a time zone of their own": str(len(update.approver_timezones))
        * bool(update.approver_timezones),
    }
    yield from (f"{what}: {text}" for what, text in counts.items() if text)
    switches = ("roster", "household_check", "screen_dob", "cross_tenant_counts")
    on, off = ([name for name in switches if getattr(update, name) is wanted] for wanted in (True, False))
    yield "; ".join(f"{word}: {', '.join(which)}" for word, which in (("on", on), ("off", off)) if which)
    yield from _rules(policy)


def differences(before: PolicyUpdate, after: PolicyUpdate) -> list[str]:
    """What changed, a line each: + added, - removed, ~ changed.

    >>> differences(PolicyUpdate(limits=("100",)), PolicyUpdate(limits=("100", "3000"), roster=True))
    ['+ limits: "3000"', '~ roster: false -> true']
    >>> spike = msgspec.convert({"rules": {"pay-spike": {"params": {"min_z": 5}}}}, PolicyUpdate)
    >>> differences(PolicyUpdate(), spike)
    ['~ rules.pay-spike.params.min_z: 6 (default) -> 5']
    """
    old, new = _flat(before), _flat(after)
    lines = []
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if isinstance(was, tuple) or isinstance(now, tuple):
            gone, come = Counter(was or ()), Counter(now or ())
            lines += [f"- {name}: {text}" for text in sorted((gone - come).elements())]
            lines += [f"+ {name}: {text}" for text in sorted((come - gone).elements())]
        elif was != now:
            lines.append(f"~ {name}: {_shown(name, was)} -> {_shown(name, now)}")
    return lines


def _holidays(days: Iterable[date], today: date, origin: str) -> Iterator[str]:
    coming = sorted(day for day in days if day >= today)
    following = f"next {coming[0].isoformat()}, last {coming[-1].isoformat()}" if coming else "none to come"
    yield f"holidays: {len([*days])} dates{f' ({origin})' if origin else ''}; {following}"
    if not coming or coming[-1] < today + timedelta(days=90):
        yield "note: the holidays end soon; publish the policy again with those of the years to come"


def _pay_dates(policy: Policy, today: date) -> Iterator[date]:
    day: date | None = today
    for _ in range(_NEXT):
        day = policy.calendar.next_pay_date(day) if day is not None else None
        if day is not None:
            yield day
            day += timedelta(days=1)


def _crypto(crypto: CryptoPolicy) -> str:
    words = ["allowed" if crypto.allowed else "not allowed"]
    for what in ("providers", "assets", "networks"):
        words += [f"{what} {', '.join(getattr(crypto, what))}"] * bool(getattr(crypto, what))
    words += [f"at most {crypto.max}"] * (crypto.max is not None)
    return f"crypto: {'; '.join(words)}"


def _clearance(levels: ClearancePolicy) -> str:
    words = f"held from score {levels.hold_from}, reviewed from {levels.review_from}"
    late = {"hold": "held", "release": "released"}[levels.unscored]
    return f"clearance: payments of runs are {words}; not scored after {levels.wait_minutes} minutes: {late}"


def _rules(policy: Policy) -> Iterator[str]:
    modes = {slug: policy.mode(slug) for slug in RULES}
    for mode, words in (("off", "rules that are off"), ("shadow", "rules in shadow (signals only)")):
        which = [slug for slug, one in modes.items() if one == mode]
        if which:
            yield f"{words}: {', '.join(which)}"
    changed = [
        f"parameter {slug}.{name} = {value_text(value)}, by default {value_text(default)}"
        for slug, rule in RULES.items()
        for name, default in msgspec.structs.asdict(rule.params()).items()
        if (value := policy.param(slug, name)) != default
    ]
    yield from changed
    live = all(mode == "live" for mode in modes.values())
    if live or not changed:
        rest = ["all live"] * live + ["parameters as they come"] * (not changed)
        yield f"rules: {', '.join(rest)}"


def _flat(update: PolicyUpdate) -> dict[str, Any]:
    """Names with dots to texts of values; to a tuple of them where there may be many."""
    flat: dict[str, Any] = {}
    for field in update.__struct_fields__:
        value = msgspec.to_builtins(getattr(update, field), builtin_types=(date,), str_keys=True)
        _flatten(field, value, flat)
    for field in ("crypto", "clearance"):  # whose fields count where they have their defaults, too
        block = getattr(update, field)
        values = msgspec.structs.asdict(block) if block is not None else {}
        flat.pop(field, None)
        flat |= {f"{field}.{name}": _texts(value) for name, value in values.items() if value is not None}
    return flat


def _flatten(name: str, value: Any, into: dict[str, Any]) -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            _flatten(f"{name}.{key}", one, into)
    else:
        into[name] = _texts(value)


def _texts(value: Any) -> Any:
    return tuple(map(value_text, value)) if isinstance(value, list | tuple) else value_text(value)


def _shown(name: str, text: str | None) -> str:
    """A value's text; of what is not said, the default."""
    if text is not None:
        return text
    top, _, rest = name.partition(".")
    slug, _, key = rest.partition(".")
    if top == "rules" and slug in RULES:
        params = msgspec.structs.asdict(RULES[slug].params())
        param = key.removeprefix("params.")
        if key == "mode":
            return '"live" (default)'
        if param in params:
            return f"{value_text(params[param])} (default)"
    return "not set"


def _day(day: int | str) -> str:
    return str(day).replace("_", " ")
