"""`sluicegate replay --verify`: what was said of an alert, what its tenant's log gives, how the two compare."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import click
import msgspec

from sluicegate.cli.kafka import held, read_all
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.output import FileError
from sluicegate.cli.reenact import Given, Reenactment, collect, compare
from sluicegate.cli.reenact_log import LogLines, records_of
from sluicegate.settings import Settings, load

__all__ = ["Asked", "reenact"]

_ID = re.compile(r"al_[0-9a-f]{32}")


class _Unusable(click.ClickException):
    """What is to be compared is not there: exit status 2."""

    exit_code = 2


class Asked(msgspec.Struct, frozen=True):
    """The options of a re-enactment."""

    alerts: tuple[str, ...]
    files: tuple[Path, ...]
    """Exported logs; none: the log on the broker."""
    alerts_in: tuple[Path, ...]
    """Files of alerts; none: the topic."""
    tenant: str | None
    broker: str | None
    topic_prefix: str | None


def reenact(asked: Asked) -> bool:
    """Print how each alert comes out; whether all revisions are equal.

    Raises UsageError, FileError, BrokerAwayError, TopicMissingError, and _Unusable where an alert is not found.
    """
    for id in asked.alerts:
        if not _ID.fullmatch(id):
            raise click.UsageError(f"{id} is no id of an alert: those are al_ and 32 hexadecimal digits")
    if asked.files and not asked.alerts_in and asked.broker is None:
        raise click.UsageError("say where the alerts are that are to be compared: --alerts-in FILE, or --broker")
    settings = load(os.environ, broker=asked.broker, topic_prefix=asked.topic_prefix)
    given, tenants, where = _given(asked, settings)
    absent = [id for id in dict.fromkeys(asked.alerts) if id not in given]
    if absent:
        of = f" of tenant {asked.tenant}" if asked.tenant is not None else ""
        raise _Unusable(f"there is no alert {', '.join(absent)}{of} in {where}")
    reenactment = Reenactment(given)
    of_log = _replayed(asked, settings, tenants, reenactment)
    return _tell(given, reenactment, of_log)


def _given(asked: Asked, settings: Settings) -> tuple[Given, set[str], str]:
    """What was said of the alerts, the tenants, and where it was looked for."""
    seen = 0

    def counted(values: Iterable[bytes | None]) -> Iterator[bytes | None]:
        nonlocal seen
        for value in values:
            seen += 1
            yield value

    if asked.alerts_in:
        with Progressing(check_readable(asked.alerts_in), "alerts", lambda: seen) as bar:
            values = (line.rstrip(b"\r\n") for path in asked.alerts_in for line in lines_of(path, bar.advance))
            given = collect(counted(values), asked.alerts, asked.tenant)
        return *given, ", ".join(map(str, asked.alerts_in))
    from sluicegate.topics import name_of

    topic = name_of("alerts", settings)
    with Progressing(held(settings, [topic]).get(topic, (0, 0))[1], "alerts", lambda: seen) as bar:

        def records() -> Iterator[bytes | None]:
            for record in read_all(settings, topic):
                bar.advance(1)
                yield record.value

        given = collect(counted(records()), asked.alerts, asked.tenant)
    return *given, f"{topic} at {settings.broker}"


def _replayed(asked: Asked, settings: Settings, tenants: set[str], reenactment: Reenactment) -> list[str]:
    """Replay the log into the re-enactment; what is to be said of the log."""
    from sluicegate.replay import Replay

    replay = Replay(reenactment.emit)
    used: list[LogLines] = []

    def count() -> int:
        return replay.counts.total

    for log, lines in _files(asked, tenants, count) if asked.files else _partitions(settings, tenants, count):
        try:
            replay.feed(log.name, reenactment.wanted(lines))
        except ValueError as error:
            raise FileError("read", Path(log.name), f"it is no sound log export ({error})") from None
        if log.taken:
            used.append(log)
    replay.finish()
    if not used:
        raise _Unusable(f"the log holds no event of tenant {', '.join(sorted(tenants))}")
    said = [line for log in used for line in log.said()]
    if replay.faults:
        said.append("detection failed on an event, which was set aside")
    return said


Lines = Iterator[tuple[LogLines, Iterable[bytes]]]


def _files(asked: Asked, tenants: set[str], count: Callable[[], int]) -> Lines:
    with Progressing(check_readable(asked.files), "events", count) as bar:
        for path in asked.files:
            log = LogLines(str(path), lines_of(path, bar.advance), tenants)
            yield log, log


def _partitions(settings: Settings, tenants: set[str], count: Callable[[], int]) -> Lines:
    """The tenants' partitions of the log, as they are exported."""
    from sluicegate.log.export import export, partitions_of
    from sluicegate.topics import LOG, name_of

    for number in partitions_of(settings, tenants):
        lines = export(settings, number)
        head = next(lines)
        with Progressing(records_of(head), "events", count) as bar:
            log = LogLines(f"{name_of(LOG, settings)}/{number}", chain([head], _counted(lines, bar)), tenants)
            yield log, log


def _counted(lines: Iterator[bytes], bar: Progressing) -> Iterator[bytes]:
    for line in lines:
        bar.advance(1)
        yield line


def _tell(given: Given, reenactment: Reenactment, of_log: list[str]) -> bool:
    from rich.console import Console

    from sluicegate.cli.reenact_text import lines

    console = Console(highlight=False, soft_wrap=True)
    equal = True
    for id, revisions in given.items():
        compared = list(compare(revisions, reenactment.made[id]))
        equal = equal and all(one.outcome == "equal" for one in compared)
        for line in lines(id, revisions[max(revisions)][-1], compared):
            console.print(line, markup=False)
    for one in of_log:
        console.print(f"  log     {one}", markup=False)
    return equal
