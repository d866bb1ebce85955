"""The endpoint file (TOML) to endpoints, or to all of its faults, each with its line, key and what is allowed.

What stands beside the file is named relative to it. Secrets are never in it: only where they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from sluicegate.errors import SettingsError
from sluicegate.notify.endpoints import KINDS, Email, Slack, Webhook, url_problem
from sluicegate.policy_file.lines import Path, lines_of
from sluicegate.policy_file.read import FileFault, shown
from sluicegate.policy_file.strict import suggestion
from sluicegate.rules.registry import RULES
from sluicegate.wire.faults import faults
from sluicegate.wire.scalars import Tenant

__all__ = ["EndpointFile", "load", "parse"]

_TENANT = inspect.type_info(Tenant)
_TOP = ("console_url", "endpoint")
_FILES = re.compile(r"(_files?|template)\Z")
_END = " (at end of document)"
_AT = re.compile(r" \(at line (\d+), column \d+\)\Z")


class EndpointFile(NamedTuple):
    """A sound file."""

    endpoints: tuple[Webhook | Slack | Email, ...]
    console_url: str = ""
    """Without a slash at its end; empty: messages hold no link."""


def load(path: str) -> EndpointFile:
    """The file at `path`. Raises SettingsError with every fault, a line each: file, line, key, what is allowed."""
    if not path:
        raise SettingsError("no endpoint file: name it by --endpoints or SLUICEGATE_NOTIFY_ENDPOINTS")
    file = FilePath(path)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    found = parse(text, file.parent)
    if isinstance(found, EndpointFile):
        return found
    raise SettingsError(
        "\n".join(f"{path}:{one.line}: {one.path}{': ' * bool(one.path)}{one.message}" for one in found)
    )


def parse(text: str, folder: FilePath) -> EndpointFile | list[FileFault]:
    """The endpoints in a text, or its faults by line; files they name are looked for from `folder`.

    >>> text = '[[endpoint]]\\nkind = "slack"\\nname = "ops"\\nurl_env = "URL"\\nmin_severity = "urgent"\\ntenant = 1'
    >>> for fault in parse(text, FilePath()):
    ...     print(*fault)
    5 endpoint[0].min_severity expected one of critical, high, low, medium; found other text
    6 endpoint[0].tenant unknown key; did you mean tenants?
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        return [
            FileFault(
                int(at[1]) if at else text.count("\n") + 1, "", f"no TOML: {_AT.sub('', str(error)).removesuffix(_END)}"
            )
        ]
    except (ValueError, RecursionError):
        return [FileFault(1, "", "no TOML that can be read: nested too deep, or a number too long")]
    wrong = list(_faults(values))
    if not wrong:
        endpoints = tuple(_made(table, folder) for table in values["endpoint"])
        wrong = list(_problems(endpoints))
        if not wrong:
            return EndpointFile(endpoints, values.get("console_url", "").rstrip("/"))
    lines = lines_of(text)
    placed = [FileFault(_line(lines, path), shown(path), message) for path, message in wrong]
    return sorted(placed, key=lambda fault: fault.line)


def _faults(values: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for key in values:
        if key not in _TOP:
            yield (key,), "unknown key" + suggestion(key, _TOP)
    url = values.get("console_url", "")
    if not isinstance(url, str) or (url and (why := url_problem(url, plain=True))):
        yield ("console_url",), why if isinstance(url, str) else "expected text"
    tables = values.get("endpoint")
    if not isinstance(tables, list) or not tables:
        yield ("endpoint",), "missing; expected at least one table [[endpoint]]"
        return
    names: set[str] = set()
    for number, table in enumerate(tables):
        path: Path = ("endpoint", number)
        if not isinstance(table, dict):
            yield path, "expected a table [[endpoint]]"
            continue
        yield from _of_endpoint(table, path)
        name = table.get("name")
        if isinstance(name, str) and name in names:
            yield (*path, "name"), "another endpoint has this name: what waits for either could not be told apart"
        names.add(str(name))


def _of_endpoint(table: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    kind = KINDS.get(str(table.get("kind")))
    if kind is None:
        yield (*path, "kind"), f"expected one of {', '.join(KINDS)}"
        return
    known = ("kind", *kind.__struct_fields__)
    for key in table:
        if key not in known:
            yield (*path, key), "unknown key" + suggestion(key, known)
    for fault in faults(table, inspect.type_info(kind)):
        yield (*path, *_keys(fault.path)), fault.message
    for number, tenant in enumerate(_texts(table.get("tenants"))):
        if tenant == "*" or any(True for _ in faults(tenant, _TENANT)):
            yield (*path, "tenants", number), "expected a tenant; without `tenants` all are meant"
    for number, rule in enumerate(_texts(table.get("rules"))):
        if rule not in RULES:
            yield (*path, "rules", number), "unknown rule" + suggestion(rule, RULES, listed=False)


def _problems(endpoints: tuple[Webhook | Slack | Email, ...]) -> Iterator[tuple[Path, str]]:
    for number, one in enumerate(endpoints):
        yield from ((("endpoint", number, field), why) for field, why in one.problems())


def _made(table: Mapping[str, Any], folder: FilePath) -> Webhook | Slack | Email:
    values = {key: _placed(key, value, folder) for key, value in table.items() if key != "kind"}
    return msgspec.convert(values, KINDS[table["kind"]])


def _placed(key: str, value: Any, folder: FilePath) -> Any:
    """Names of files, seen from the endpoint file."""
    if not _FILES.search(key):
        return value
    return [str(folder / one) for one in value] if isinstance(value, list) else str(folder / value) if value else ""


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _keys(pointer: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in pointer.split("/")[1:])


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of what holds it."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)
