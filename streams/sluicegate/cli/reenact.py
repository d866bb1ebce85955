"""An alert made again from the log, and how what comes out compares with what was said. Pure of files and Kafka."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal

import msgspec

from sluicegate.detection.log import Output
from sluicegate.version import RULESET
from sluicegate.wire.canonical import canonical

__all__ = ["CHAIN", "Compared", "Difference", "Given", "Reenactment", "collect", "compare", "difference"]

CHAIN = ("/chainhash", "/chainprev", "/chainseq")
Given = dict[str, dict[int, list[bytes]]]
"""By alert and revision: what was said of it, each version once."""


class _Data(msgspec.Struct):
    alert_id: str
    revision: int


class _Alert(msgspec.Struct):
    type: Literal["alert.v1"]
    tenantid: str
    data: _Data


_ALERT = msgspec.json.Decoder(_Alert)


def _alert(value: bytes | None) -> _Alert | None:
    try:
        return _ALERT.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def collect(values: Iterable[bytes | None], ids: Collection[str], tenant: str | None = None) -> tuple[Given, set[str]]:
    """The revisions of the alerts among the values, and the tenants they are of."""
    given: Given = {}
    tenants: set[str] = set()
    for value in values:
        alert = _alert(value)
        if alert is None or value is None or alert.data.alert_id not in ids or tenant not in (None, alert.tenantid):
            continue
        versions = given.setdefault(alert.data.alert_id, {}).setdefault(alert.data.revision, [])
        if value not in versions:
            versions.append(value)
        tenants.add(alert.tenantid)
    return given, tenants


class Reenactment:
    """Keeps what a replay makes of the alerts, until it has made every revision that was given."""

    def __init__(self, given: Given) -> None:
        self._awaited = {id: max(revisions) for id, revisions in given.items()}
        self.made: dict[str, dict[int, bytes]] = {id: {} for id in given}

    def emit(self, output: Output) -> None:
        """What a replay gives out."""
        alert = _alert(output.value) if output.topic == "alerts" else None
        if alert is None or alert.data.alert_id not in self.made:
            return
        id, revision = alert.data.alert_id, alert.data.revision
        self.made[id].setdefault(revision, output.value)
        if revision >= self._awaited.get(id, 0):
            self._awaited.pop(id, None)

    def wanted(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines, as long as revisions are awaited."""
        for line in lines:
            if not self._awaited:
                return
            yield line


class Difference(msgspec.Struct, frozen=True):
    """A value that is another: where (JSON Pointer), and the two as JSON; None where there is none."""

    path: str
    then: str | None
    now: str | None


class Compared(msgspec.Struct, frozen=True):
    """One revision: as it was said, as it comes out now.

    `chain`: all is equal but its place in the tenant's chain, since an alert before it came out otherwise.
    `missing`: the log does not give it. `unknown`: the log gives it, yet it was not among those given.
    """

    revision: int
    outcome: Literal["equal", "chain", "differs", "missing", "unknown"]
    differences: tuple[Difference, ...] = ()
    then: dict[str, Any] = {}
    """`versions` as they were said."""
    now: dict[str, Any] = {}


def compare(given: dict[int, list[bytes]], made: dict[int, bytes]) -> Iterator[Compared]:
    """Every revision of one alert, from the first to the last that was given."""
    first, last = min(given), max(given)
    for revision in range(first, last + 1):
        again = made.get(revision)
        for value in given.get(revision, ()):
            yield _compared(revision, value, again)
        if revision not in given and again is not None:
            yield Compared(revision, "unknown", now=_versions(json.loads(again)))


def _compared(revision: int, value: bytes, again: bytes | None) -> Compared:
    said = json.loads(value)
    if again is None:
        return Compared(revision, "missing", then=_versions(said), now={"ruleset": RULESET})
    found = json.loads(again)
    differences = () if value == again else tuple(difference(said, found))
    outcome: Literal["equal", "chain", "differs"] = "differs" if differences else "equal"
    if differences and all(one.path in CHAIN for one in differences):
        outcome = "chain"
    return Compared(revision, outcome, differences, _versions(said), _versions(found))


def _versions(event: dict[str, Any]) -> dict[str, Any]:
    versions: dict[str, Any] = event["data"].get("versions", {})
    return versions


_NONE = object()


def difference(then: Any, now: Any, path: str = "") -> Iterator[Difference]:
    """Where two JSON values differ, as deep inside as can be said.

    >>> for one in difference({"a": [1, 2], "b": 1}, {"a": [1, 3, 4], "c": None}):
    ...     print(one.path, one.then, one.now)
    /a/1 2 3
    /a/2 None 4
    /b 1 None
    /c None null
    """
    if isinstance(then, dict) and isinstance(now, dict):
        for key in sorted({*then, *now}):
            place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from difference(then.get(key, _NONE), now.get(key, _NONE), place)
    elif isinstance(then, list) and isinstance(now, list):
        for index in range(max(len(then), len(now))):
            before, after = (side[index] if index < len(side) else _NONE for side in (then, now))
            yield from difference(before, after, f"{path}/{index}")
    elif type(then) is not type(now) or then != now:
        yield Difference(path, _shown(then), _shown(now))


def _shown(value: Any) -> str | None:
    return None if value is _NONE else canonical(value).decode()
