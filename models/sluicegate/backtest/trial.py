"""One side of a backtest: replay under a change, and what each alert came to in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sluicegate.backtest.change import Change, Json
from sluicegate.detection.library import ListLibrary
from sluicegate.detection.log import Output
from sluicegate.detection.policy import check_policy
from sluicegate.replay import EXPORT, Replay
from sluicegate.wire.decode import ALL_TENANTS, Reject, decode
from sluicegate.wire.events import PolicyUpdate

__all__ = ["Head", "Outcome", "Seen", "Trial", "head_of"]

SOURCE = "/sluicegate/backtest"
MOST_EVENTS = 20
"""Events of a reason by which an alert is found again on the other side; the first ones."""


class Head(msgspec.Struct):
    """What is asked of every line: whose it is, and of what type. Empty where the line does not tell."""

    tenantid: str = ""
    type: str = ""


class _Record(msgspec.Struct):
    """A line of an exported log."""

    value: msgspec.Raw = msgspec.Raw(b"")


_HEAD, _RECORD = msgspec.json.Decoder(Head), msgspec.json.Decoder(_Record)
_NO_HEAD = Head()


def head_of(line: bytes, *, exported: bool) -> Head:
    """The head of a line; of the record in it, where the file is an exported log."""
    try:
        return _HEAD.decode(bytes(_RECORD.decode(line).value) if exported else line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _NO_HEAD


class Reason(msgspec.Struct, frozen=True):
    """A rule in an alert: its score and its words."""

    rule: str
    score: float
    text: str
    event_ids: tuple[str, ...] = ()


class Money(msgspec.Struct, frozen=True):
    value: str
    currency: str
    count: int


class Subject(msgspec.Struct, frozen=True):
    kind: str
    id: str


class Seen(msgspec.Struct, frozen=True):
    """An alert by its last revision; reasons by falling score."""

    alert_id: str
    tenant_id: str
    subject: Subject
    family: str
    severity: str
    score: float
    title: str
    reasons: tuple[Reason, ...]
    money: tuple[Money, ...]
    first_event_at: str

    @property
    def rules(self) -> tuple[tuple[str, float], ...]:
        """Rules with their scores, sorted; a rule stands there once a cause."""
        return tuple(sorted((reason.rule, reason.score) for reason in self.reasons))


class _Alert(msgspec.Struct):
    data: Seen


class _Verdict(msgspec.Struct):
    alert_id: str
    verdict: str


class _Disposition(msgspec.Struct):
    data: _Verdict


_ALERT, _DISPOSITION = msgspec.json.Decoder(_Alert), msgspec.json.Decoder(_Disposition)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class Outcome(msgspec.Struct):
    """What a side gave: its alerts in order of their opening, verdicts found on the way, what did not become an alert.

    `signals` counts findings by (rule, why): `signal` below alert level, `shadow`, `suppressed`.
    """

    alerts: list[Seen]
    verdicts: dict[str, str]
    signals: dict[tuple[str, str], int]
    refused: int
    faults: int


class Trial:
    """Replays one group of tenants. Memory is that of their state and of their alerts."""

    def __init__(self, change: Change, library: ListLibrary | None = None) -> None:
        """`library` shares compiled lists between trials."""
        self._change = change
        self._library = library if library is not None else ListLibrary()
        self._alerts: dict[str, Seen] = {}
        self._verdicts: dict[str, str] = {}
        self._known: set[str] = set()
        self._replay = Replay(self._emit)

    def run(self, lines: Iterable[bytes]) -> Outcome:
        """The outcome of all lines; an exported log begins with its first line, as in its file."""
        self._replay.feed("backtest", self._changed(lines))
        self._replay.finish()
        findings: Counter[tuple[str, str]] = Counter()
        for key, count in self._replay.tallies.items():
            if key[0] == "finding" and key[2] in _NO_ALERT:
                findings[key[1], key[2]] += count
        return Outcome(
            list(self._alerts.values()),
            self._verdicts,
            dict(findings),
            self._replay.counts.dead_letters,
            len(self._replay.faults),
        )

    def _emit(self, output: Output) -> None:
        if output.topic == "alerts":
            seen = _ALERT.decode(output.value).data
            cut = tuple(msgspec.structs.replace(r, event_ids=r.event_ids[:MOST_EVENTS]) for r in seen.reasons)
            self._alerts[seen.alert_id] = msgspec.structs.replace(seen, reasons=cut)

    def _changed(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines, with the change in front of each tenant's first one and laid over each of its policies."""
        exported = False
        for number, line in enumerate(lines):
            if number == 0:
                exported = EXPORT.encode() in line[:200] and head_of(line, exported=False).type == EXPORT
                if exported:
                    yield line
                    self._replay.partition.library = self._library  # replay has just begun a partition of its own
                    continue
                self._replay.partition.library = self._library
            head = head_of(line, exported=exported)
            if head.tenantid not in self._known and head.tenantid not in ("", ALL_TENANTS):
                self._known.add(head.tenantid)
                if self._change.changes:
                    yield self._first(head.tenantid, line, exported)
            if head.type == "policy.update.v1":
                yield self._overlaid(line, exported)
                continue
            if head.type == "disposition.v1":
                self._note(bytes(_RECORD.decode(line).value) if exported else line)
            yield line

    def _first(self, tenant: str, line: bytes, exported: bool) -> bytes:
        """The policy that holds from the tenant's first event on; its time is no matter, for policies move no clock."""
        event = {
            "specversion": "1.0",
            "id": "policy",
            "source": SOURCE,
            "type": "policy.update.v1",
            "time": "2000-01-01T00:00:00Z",
            "tenantid": tenant,
            "data": self._change.over(tenant, {}),
        }
        if not exported:
            return msgspec.json.encode(event)
        record = _OBJECT.decode(line)
        placed = {"offset": -len(self._known), "timestamp": record["timestamp"], "key": tenant, "value": event}
        return msgspec.json.encode(placed)

    def _overlaid(self, line: bytes, exported: bool) -> bytes:
        """A policy event with the change laid over it; one that detection refuses stays as it is."""
        value = bytes(_RECORD.decode(line).value) if exported else line
        event = decode(value, internal=exported)
        if isinstance(event, Reject) or not self._change.changes:
            return line
        assert isinstance(event.data, PolicyUpdate)
        if check_policy(event.data) is not None:
            return line
        told: Json = _OBJECT.decode(value)
        told["data"] = self._change.over(event.tenant, told["data"])
        return msgspec.json.encode(_OBJECT.decode(line) | {"value": told} if exported else told)

    def _note(self, value: bytes) -> None:
        """The last verdict on an alert counts."""
        if isinstance(decode(value, internal=True), Reject):
            return
        said = _DISPOSITION.decode(value).data
        self._verdicts[said.alert_id] = said.verdict


_NO_ALERT = ("signal", "shadow", "suppressed")
