"""The change that a backtest is asked for: rule settings in words, and policies in files, checked as detection does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from sluicegate.backtest.change import Change, Json, Settings
from sluicegate.cli.lines import lines_of
from sluicegate.cli.output import FileError
from sluicegate.detection.policy import check_policy, param_faults
from sluicegate.policy_file import words
from sluicegate.policy_file.allowed import allowed, is_optional
from sluicegate.policy_file.read import read, shown
from sluicegate.policy_file.strict import names, suggestion, unknown_keys
from sluicegate.rules.base import RuleParams
from sluicegate.rules.registry import RULES
from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.events import PolicyUpdate, RuleSetting
from sluicegate.wire.scalars import dec_hook

__all__ = ["differences", "policy_change", "settings"]

MODES: tuple[str, ...] = get_args(msgspec.structs.fields(RuleSetting)[0].type)
_OPTION = "--rules"


def settings(texts: Iterable[str]) -> Settings:
    """Rule settings such as `near-limit.min_count=3` or `pay-spike.mode=shadow`, as `rules` of a policy holds them.

    Raises BadParameter for an unknown rule, mode or parameter and for a value out of bounds; it says what is allowed.

    >>> settings(["near-limit.min_count=3", "near-limit.mode=shadow"])
    {'near-limit': {'params': {'min_count': 3}, 'mode': 'shadow'}}
    """
    found: dict[str, Json] = {}
    for text in texts:
        place, equals, value = (part.strip() for part in text.partition("="))
        slug, dot, name = place.rpartition(".")
        if not equals or not dot:
            raise _refused(text, "expected RULE.PARAMETER=VALUE or RULE.mode=MODE")
        if slug not in RULES:
            near = suggestion(slug, RULES, listed=False) or "; `sluicegate rules list` shows them"
            raise _refused(text, f"there is no rule {slug}{near}")
        setting = found.setdefault(slug, {})
        if name != "mode":
            setting.setdefault("params", {})[name] = _value(text, slug, name, value)
        elif value in MODES:
            setting["mode"] = value
        else:
            raise _refused(text, f"a mode is one of {', '.join(MODES)}")
    return found


def _value(text: str, slug: str, name: str, value: str) -> Any:
    """The value in the parameter's type; an array is written with commas, and no value as nothing."""
    if name not in names(slug):
        raise _refused(text, f"{slug} has no parameter {name}{suggestion(name, ('mode', *names(slug)))}")
    kind: type[RuleParams] = RULES[slug].params
    given: Any = value
    if isinstance(getattr(kind(), name), tuple):
        given = [part.strip() for part in value.strip("[]").split(",") if part.strip()]
    elif not value and is_optional(slug, name):
        given = None
    try:
        made = msgspec.to_builtins(getattr(msgspec.convert({name: given}, kind, strict=False), name))
    except msgspec.ValidationError:
        made = value
    if dict(param_faults(slug, {name: made})):
        raise _refused(text, f"expected {allowed(slug, name)}")
    return made


def policy_change(path: Path, option: str) -> Change:
    """The policy of a file: TOML, or a `policy.update.v1`, which are for their tenant; or its `data`, for all tenants.

    Raises FileError where the file cannot be read or is no JSON, BadParameter where it is no policy.
    """
    text = b"".join(lines_of(path))
    if path.suffix == ".toml":
        return _of_toml(path, text, option)
    try:
        told = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileError("read", path, f"it is no JSON ({error})") from None
    if not isinstance(told, dict):
        raise _faulty(path, option, "expected a JSON object")
    event = told if "specversion" in told else _event(told)
    sound = decode(msgspec.json.encode(event))
    if isinstance(sound, Reject):
        raise _faulty(path, option, f"{sound.path} {sound.message}")
    if not isinstance(sound.data, PolicyUpdate):
        raise _faulty(path, option, "/type expected policy.update.v1")
    data: Json = event["data"]
    for place, message in unknown_keys(data):
        raise _faulty(path, option, f"{shown(place)} {message}")
    fault = check_policy(sound.data)
    if fault is not None:
        raise _faulty(path, option, f"{fault.path} {fault.message}")
    return Change(policy=data, tenant=sound.tenant if event is told else None)


def _of_toml(path: Path, text: bytes, option: str) -> Change:
    try:
        found = read(text.decode("utf-8-sig"), datetime.now(UTC).date())
    except UnicodeDecodeError as error:
        raise FileError("read", path, f"not UTF-8 at byte {error.start}") from None
    if isinstance(found, list):
        faults = "\n".join(f"{path}:{fault.line}: {fault.path}: {fault.message}" for fault in found)
        raise click.BadParameter(faults, param_hint=option)
    return Change(policy=msgspec.json.decode(canonical(found.update)), tenant=found.tenant)


def _event(data: Json) -> Json:
    """An event of some tenant, so that the data is checked as one."""
    return {
        "specversion": "1.0", "id": "policy", "source": "/policy", "type": "policy.update.v1",
        "time": "2000-01-01T00:00:00Z", "tenantid": "some", "data": data,
    }  # fmt: skip


def differences(before: Json, after: Json) -> list[str]:
    """What differs between two policies (`data` of a `policy.update.v1`), a line each.

    >>> differences({}, {"rules": {"near-limit": {"mode": "off", "params": {"min_count": 3}}}})
    ['~ rules.near-limit.mode: "live" (default) -> "off"', '~ rules.near-limit.params.min_count: 4 (default) -> 3']
    """
    return words.differences(*(msgspec.convert(data, PolicyUpdate, dec_hook=dec_hook) for data in (before, after)))


def _refused(text: str, why: str) -> click.BadParameter:
    return click.BadParameter(f"{text}: {why}", param_hint=_OPTION)


def _faulty(path: Path, option: str, why: str) -> click.BadParameter:
    return click.BadParameter(f"{path}: {why}", param_hint=option)
