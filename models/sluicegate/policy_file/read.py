"""A policy file's text to a policy, or to all of its faults, each with its line, key and what is allowed.

The file says what `policy.update.v1` says, under the same names, and the tenant; only `[holidays]` may be a table. What
a value may be is asked of the same types and of the same checks that the stream applies to the event.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from sluicegate.detection.policy import REVIEW_BELOW_HOLD, Policy, is_zone, param_faults
from sluicegate.policy_file.allowed import allowed, is_optional
from sluicegate.policy_file.lines import Path, lines_of
from sluicegate.policy_file.public_holidays import Expanded, expand
from sluicegate.policy_file.strict import known_rules, names, suggestion, unknown_keys
from sluicegate.wire.canonical import canonical
from sluicegate.wire.events import ClearancePolicy, PolicyUpdate
from sluicegate.wire.faults import faults
from sluicegate.wire.scalars import Tenant

__all__ = ["FileFault", "PolicyFile", "read"]

MAX_BYTES = 1_000_000
"""Of the policy in an event, which may have 1 MiB altogether."""
_AT = re.compile(r" \(at line (\d+), column \d+\)\Z")
_UPDATE, _TENANT = inspect.multi_type_info([PolicyUpdate, Tenant])
_ANY_TENANT = "*"


class FileFault(NamedTuple):
    """A line, from 1; the path of the key, such as `rules.pay-spike.params.min_z`; and what is wrong."""

    line: int
    path: str
    message: str


class PolicyFile(NamedTuple):
    """A sound file: whose policy, which, and where its holidays come from (empty: they stand in the file)."""

    tenant: str
    update: PolicyUpdate
    holidays: str = ""

    @property
    def policy(self) -> Policy:
        """As detection sees it, before any event names it."""
        return Policy(self.update, None)


def read(text: str, today: date) -> PolicyFile | list[FileFault]:
    """The policy in a text, or its faults by line. `today` decides which years of holidays are meant by default.

    >>> read('tenant = "acme"\\npay_days = [15]', date(2026, 1, 1)).update.pay_days
    (15,)
    >>> text = 'tenant = "acme"\\nlimit = ["100"]\\n[rules.pay-spike.params]\\nmin_z = -1'
    >>> for fault in read(text, date(2026, 1, 1)):
    ...     print(*fault)
    2 limit unknown key; did you mean limits?
    4 rules.pay-spike.params.min_z expected a number from 0 to 1000; found -1
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_no_toml(text, str(error))]
    except (ValueError, RecursionError):
        return [FileFault(1, "", "no TOML that can be read: nested too deep, or a number too long")]
    found = _Reading(values, today)
    if found.faults:
        lines = lines_of(text)
        placed = [FileFault(_line(lines, path), shown(path), message) for path, message in found.faults]
        return sorted(placed, key=lambda fault: fault.line)
    return PolicyFile(found.tenant, found.update(), found.origin)


def shown(path: Path) -> str:
    """A path as one writes it.

    >>> shown(("rules", "pay-spike", "params")), shown(("limits", 0)), shown(("approver_timezones", "a b"))
    ('rules.pay-spike.params', 'limits[0]', 'approver_timezones."a b"')
    """
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]+", part) is not None
            parts.append(f".{part}" if plain else f'."{part}"')
    return "".join(parts).removeprefix(".")


class _Reading:
    """The values of a file, made those of an event, and what is wrong with them."""

    def __init__(self, values: dict[str, Any], today: date) -> None:
        self.faults: list[tuple[Path, str]] = []
        self.origin = ""
        tenant = values.pop("tenant", None)
        self.tenant = tenant if isinstance(tenant, str) else ""
        self._check_tenant(tenant)
        if isinstance(values.get("holidays"), dict):
            values["holidays"] = self._holidays(values["holidays"], today)
        self._values: dict[str, Any] = _plain(values)
        self.faults += unknown_keys(self._values)
        self._values = known_rules(self._values)
        self._check_rules()
        for fault in faults(self._values, _UPDATE):
            path = _path(fault.path, self._values)
            if not _is_param(path):
                self.faults.append((path, fault.message))
        self._check_zones()
        self._check_clearance()
        if not self.faults and len(canonical(self.update())) > MAX_BYTES:
            self.faults.append(((), f"larger than {MAX_BYTES:,} bytes, more than an event can hold"))

    def update(self) -> PolicyUpdate:
        return msgspec.convert(self._values, PolicyUpdate)

    def _check_tenant(self, tenant: Any) -> None:
        if tenant is None:
            self.faults.append((("tenant",), 'missing; expected whose policy this is, such as tenant = "acme"'))
        elif tenant == _ANY_TENANT or any(True for _ in faults(tenant, _TENANT)):
            self.faults.append((("tenant",), "expected a tenant: 1 to 63 of a-z, 0-9, - and _, not - or _ first"))

    def _holidays(self, table: Mapping[str, Any], today: date) -> list[date]:
        found = expand(table, today)
        if isinstance(found, Expanded):
            self.origin = found.origin
            return list(found.dates)
        self.faults += [(("holidays", *path), message) for path, message in found]
        return []

    def _check_rules(self) -> None:
        for slug, setting in _tables(self._values.get("rules")):
            params = setting.get("params")
            if not isinstance(params, dict):
                continue
            for name, value in params.items():
                if value == "" and is_optional(slug, name):
                    params[name] = None
            wrong = dict(param_faults(slug, params))
            wrong |= {name: "" for name, value in params.items() if name not in wrong and not _is_finite(value)}
            for name in wrong:
                path = ("rules", slug, "params", name)
                known = names(slug)
                if name in known:
                    message = f"expected {allowed(slug, name)}; found {_found(params[name])}"
                else:
                    message = "unknown parameter" + suggestion(name, known)
                self.faults.append((path, message))

    def _check_zones(self) -> None:
        zones: list[tuple[Path, Any]] = [(("timezone",), self._values.get("timezone"))]
        approvers = self._values.get("approver_timezones")
        if isinstance(approvers, dict):
            zones += [(("approver_timezones", user), zone) for user, zone in approvers.items()]
        for path, zone in zones:
            if isinstance(zone, str) and not is_zone(zone) and not any(path == other for other, _ in self.faults):
                self.faults.append((path, "not an IANA time zone name such as Europe/Berlin" + _near_zone(zone)))

    def _check_clearance(self) -> None:
        table = self._values.get("clearance")
        if isinstance(table, dict) and not any(path[:1] == ("clearance",) for path, _ in self.faults):
            levels = msgspec.convert(table, ClearancePolicy)
            if levels.review_from > levels.hold_from:
                key = "review_from" if "review_from" in table else "hold_from"
                self.faults.append((("clearance", key), REVIEW_BELOW_HOLD))


def _near_zone(zone: str) -> str:
    from zoneinfo import available_timezones

    return suggestion(zone, sorted(available_timezones()), listed=False)


def _no_toml(text: str, error: str) -> FileFault:
    at = _AT.search(error)
    line = int(at.group(1)) if at is not None else text.count("\n") + 1
    return FileFault(line, "", f"no TOML: {_AT.sub('', error).removesuffix(' (at end of document)')}")


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of what holds it."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


def _plain(value: Any) -> Any:
    """The value as JSON has it: dates as text. What has a time too is no date, and shows as other text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _path(pointer: str, values: Any) -> Path:
    """The keys of a JSON Pointer into the values."""
    path: list[str | int] = []
    for part in pointer.split("/")[1:]:
        if isinstance(values, list):
            path.append(int(part))
            values = values[int(part)]
        else:
            key = part.replace("~1", "/").replace("~0", "~")
            path.append(key)
            values = values.get(key) if isinstance(values, dict) else None
    return tuple(path)


def _is_param(path: Path) -> bool:
    """Whether the place is within a rule's parameters, whose rule says what is wrong there."""
    return path[:1] == ("rules",) and path[2:3] == ("params",) and len(path) > 3


def _tables(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield from ((key, one) for key, one in value.items() if isinstance(one, dict))


def _is_finite(value: Any) -> bool:
    """False of infinity and of "not a number", which JSON cannot hold."""
    return not isinstance(value, float) or abs(value) < float("inf")


def _found(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return f"{value}"
    return "an array" if isinstance(value, list) else "a table" if isinstance(value, dict) else "other text"
