"""Where a report's evidence comes from: the log, `alerts` and `signals` on the broker, or files of them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path

import msgspec

from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.output import FileError
from sluicegate.cli.reenact_log import LogLines, records_of
from sluicegate.cli.verify_links import Links
from sluicegate.cli.verify_report import examine
from sluicegate.cli.verify_sources import Intake, read_files, read_topic
from sluicegate.report.evidence import Evidence, Notice
from sluicegate.settings import Settings
from sluicegate.wire.alerts import AlertData
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.scalars import Instant, dec_hook

__all__ = ["Facts", "from_broker", "from_files"]

Facts = list[tuple[str, str]]
"""What the evidence was taken from, and whether it is whole: (label, words)."""


class _Alert(msgspec.Struct):
    type: str
    data: AlertData


class _Reason(msgspec.Struct):
    rule: str
    text: str


class _SignalBody(msgspec.Struct):
    tenant_id: str
    updated_at: Instant
    reasons: tuple[_Reason, ...]
    notice: bool | None = None


class _Signal(msgspec.Struct):
    data: _SignalBody


class _Line(msgspec.Struct):
    """A record of an exported log."""

    value: msgspec.Raw = msgspec.Raw(b"")
    value_b64: str | None = None


_ALERT = msgspec.json.Decoder(_Alert, dec_hook=dec_hook)
_SIGNAL = msgspec.json.Decoder(_Signal, dec_hook=dec_hook)
_RECORD = msgspec.json.Decoder(_Line)


class _Watched(Intake):
    """Takes alert revisions as a chain, and as evidence besides."""

    def __init__(self, links: Links, evidence: Evidence) -> None:
        super().__init__(links, (evidence.tenant,))
        self._evidence = evidence

    def take(self, value: bytes | None, source: int, position: int, stamp: int = 0, *, ordered: bool) -> None:
        super().take(value, source, position, stamp, ordered=ordered)
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):  # what is no alert is told as a fault of the chain
            alert = _ALERT.decode(value or b"")
            if alert.type == "alert.v1":
                self._evidence.take_alert(alert.data)


def from_files(
    evidence: Evidence, logs: tuple[Path, ...], alerts: tuple[Path, ...], signals: tuple[Path, ...]
) -> Facts:
    """Exported logs, or files of events; alerts and signals, one a line. Raises FileError."""
    facts: Facts = []
    count = 0

    def counted() -> int:
        return count

    with Progressing(check_readable(logs), "events", counted) as bar:
        for path in logs:
            log = LogLines(str(path), lines_of(path, bar.advance), (evidence.tenant,))
            for _ in _events(evidence, log):
                count += 1
            facts.append(_log_fact(log))
    with closing(Links()) as links:
        intake = _Watched(links, evidence)
        with Progressing(check_readable(alerts), "alerts", lambda: intake.taken) as bar:
            read_files(intake, alerts, bar)
        facts.append(("Alert chain", _chain(links, intake, -1.0, evidence.tenant)))
    for path in signals:
        for line in lines_of(path):
            _signal(evidence, line)
    return facts


def from_broker(evidence: Evidence, settings: Settings) -> Facts:
    """All that the broker holds of the tenant. Raises BrokerAwayError, BrokerRefusedError, TopicMissingError."""
    from sluicegate.cli.kafka import held, read_all
    from sluicegate.log.export import export, partitions_of
    from sluicegate.topics import LOG, name_of

    facts: Facts = []
    done = 0

    def counted() -> int:
        return done

    for number in partitions_of(settings, (evidence.tenant,)):
        lines = export(settings, number)
        head = next(lines)
        with Progressing(records_of(head), "events", counted) as bar:
            log = LogLines(
                f"{name_of(LOG, settings)}/{number}", chain([head], _told(lines, bar.advance)), (evidence.tenant,)
            )
            for _ in _events(evidence, log):
                done += 1
        facts.append(_log_fact(log))
    topics = {topic: name_of(topic, settings) for topic in ("alerts", "signals")}
    sizes = held(settings, [*topics.values()])
    with closing(Links()) as links:
        intake = _Watched(links, evidence)
        with Progressing(sizes.get(topics["alerts"], (0, 0))[1], "alerts", lambda: intake.taken) as bar:
            gone = read_topic(intake, links, settings, topics["alerts"], bar)
        facts.append(("Alert chain", _chain(links, intake, gone, evidence.tenant)))
    with Progressing(sizes.get(topics["signals"], (0, 0))[1], "signals", counted) as bar:
        for record in read_all(settings, topics["signals"]):
            bar.advance(1)
            _signal(evidence, record.value or b"")
    return facts


def _told(lines: Iterator[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    for line in lines:
        advance(1)
        yield line


def _events(evidence: Evidence, log: LogLines) -> Iterator[None]:
    """Take in a log; yields once a record. Raises FileError where a line is no record of an export."""
    lines: Iterable[bytes] = log
    export = log.head is not None
    try:
        for number, line in enumerate(lines):
            if (export and number == 0) or not line.strip():
                continue
            event = decode(_value(line) if export else line.strip(), internal=True)
            if isinstance(event, Event):
                evidence.take(event)
            else:
                evidence.refused += 1
            yield
    except ValueError as error:
        raise FileError("read", Path(log.name), f"it is no sound log export ({error})") from None


def _value(line: bytes) -> bytes:
    record = _RECORD.decode(line)
    return b64decode(record.value_b64) if record.value_b64 is not None else bytes(record.value)


def _log_fact(log: LogLines) -> tuple[str, str]:
    said = "; ".join(log.said()) or f"{log.name}: nothing of this tenant"
    return "Log", f"{said} ({log.taken:,} records)"


def _chain(links: Links, intake: Intake, gone_until: float, tenant: str) -> str:
    """Whether the tenant's alerts are all there as they were written, and the head to keep."""
    found = next(iter(examine(links, intake, gone_until, {}, lambda _: None)), None)
    if found is None or found.tenant != tenant or not found.last:
        return "no alert revision is here"
    state = "whole" if found.whole else f"NOT whole ({found.faults.count} faults: see `sluicegate verify`)"
    return f"{state} from {found.first} to {found.last}; its head is {found.named}"


def _signal(evidence: Evidence, value: bytes) -> None:
    try:
        body = _SIGNAL.decode(value).data
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # no signal: nothing that a report is made of
    if body.notice and body.tenant_id == evidence.tenant:
        for reason in body.reasons:
            evidence.take_notice(Notice(reason.rule, int(body.updated_at), reason.text))
