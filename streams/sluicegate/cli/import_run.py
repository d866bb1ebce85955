"""What `sluicegate import` does with each file, and what it says of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click
import msgspec

from sluicegate.cli.kafka import Sender, sender, topics_at
from sluicegate.cli.lines import Progressing
from sluicegate.cli.output import STANDARD, FileError, Write, write_lines
from sluicegate.connectors.base import Connector, Context
from sluicegate.connectors.importing import Imported, Refused, Sound, digest_of, items, seekable
from sluicegate.connectors.runs import announcements
from sluicegate.errors import FileRefusedError, TopicMissingError
from sluicegate.logs import report
from sluicegate.settings import Settings
from sluicegate.topics import RUNS, name_of
from sluicegate.wire.events import TYPES
from sluicegate.wire.letters import DeadLetter

__all__ = ["Options", "Outlet", "import_one", "lines", "run", "to_files", "to_kafka"]

_SHOWN = 10
"""Refused transactions of a file that are told one by one."""
_LOOKS = 0.2
"""Seconds between looks at how far a file was read."""


class Options(NamedTuple):
    """How files are read; `show`: so many of the first are shown."""

    connector: Connector
    context: Context
    show: int = 0


class Outlet:
    """Where events, dead letters and announcements of runs go: nowhere, unless a subclass says otherwise."""

    live = False
    """Whether events are sent on at once."""

    def event(self, topic: str, value: bytes) -> None:
        """To a topic (contract name)."""

    def letter(self, letter: DeadLetter) -> None:
        """A refused transaction."""

    def announce(self, value: bytes) -> None:
        """What a pay run holds."""

    def flush(self) -> None:
        """Return when all before is where it belongs."""


class _Files(Outlet):
    def __init__(self, out: Write, letters: Write | None) -> None:
        self._out, self._letters = out, letters

    def event(self, topic: str, value: bytes) -> None:
        self._out(value)

    def letter(self, letter: DeadLetter) -> None:
        if self._letters is not None:
            self._letters(msgspec.json.encode(letter))


class _Kafka(Outlet):
    live = True

    def __init__(self, out: Sender, settings: Settings, tenant: bytes, *, announced: bool) -> None:
        self._out, self._settings, self._tenant, self._announced = out, settings, tenant, announced

    def event(self, topic: str, value: bytes) -> None:
        self._out.send(name_of(topic, self._settings), value, self._tenant)

    def letter(self, letter: DeadLetter) -> None:
        self._out.send(name_of("dead-letters", self._settings), msgspec.json.encode(letter), letter.key)

    def announce(self, value: bytes) -> None:
        if self._announced:
            self._out.send(name_of(RUNS, self._settings), value, self._tenant)

    def flush(self) -> None:
        self._out.flush()


@contextmanager
def to_files(out: Path, letters: Path | None) -> Iterator[Outlet]:
    """Events and dead letters as lines of files. Raises FileError."""
    with write_lines(out) as write:
        if letters is None:
            yield _Files(write, None)
            return
        with write_lines(letters) as write_letter:
            yield _Files(write, write_letter)


@contextmanager
def to_kafka(settings: Settings, connector: Connector, tenant: str, *, announced: bool) -> Iterator[Outlet]:
    """To the topics of their types. Raises BrokerAwayError, BrokerRefusedError, TopicMissingError."""
    needed = {"dead-letters", *(TYPES[name].topic for name in connector.emits), *([RUNS] if announced else [])}
    missing = sorted({name_of(topic, settings) for topic in needed} - topics_at(settings))
    if missing:
        raise TopicMissingError(f"there is no topic {', '.join(missing)}")
    with sender(settings) as out:
        yield _Kafka(out, settings, tenant.encode(), announced=announced)


def run(options: Options, paths: Iterable[Path], outlet: Outlet) -> bool:
    """Read the files, one after the other; whether all of them were whole, and nothing of them was refused."""
    good = True
    for path in paths:
        name = "standard input" if path == STANDARD else str(path)
        with _opened(path, name) as file:
            done, told, broken = import_one(options, file, name, outlet)
        for line in lines(name, done, told):
            click.echo(line, err=True)
        if broken is not None:
            report(broken)
        good = good and broken is None and not done.refused and not done.differing
    return good


@contextmanager
def _opened(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        raw = sys.stdin.buffer if path == STANDARD else path.open("rb")
    except OSError as error:
        raise FileError("read", path, error) from None
    with raw, seekable(raw, name) as file:
        yield file


def import_one(
    options: Options, file: BinaryIO, name: str, outlet: Outlet
) -> tuple[Imported, list[Refused], FileRefusedError | None]:
    """Read one file to its end, or to where it breaks off: what became of it, and the first that were refused."""
    connector, context, done = options.connector, options.context, Imported()
    told: list[Refused] = []
    size = file.seek(0, os.SEEK_END)
    with Progressing(2 * size, "transactions", lambda: done.transactions) as bar, _followed(file, bar.advance):
        try:
            digest = digest_of(file, context)
            survey = connector.survey(file, context)
            done.begin(survey)
            for item in items(connector, file, context, survey, digest, arrives=outlet.live):
                done.take(item)
                if isinstance(item, Sound):
                    outlet.event(item.topic, item.value)
                    if done.transactions <= options.show:
                        _show(item)
                else:
                    outlet.letter(item.letter)
                    if len(told) < _SHOWN:
                        told.append(item)
            for announcement in announcements(connector.name, context, survey):
                outlet.announce(announcement)
        except FileRefusedError as error:
            return done, told, FileRefusedError(f"{name}: {error}")
        finally:
            outlet.flush()
    return done, told, None


def lines(name: str, done: Imported, told: list[Refused]) -> Iterator[str]:
    """What is said of a file.

    >>> from collections import Counter
    >>> done = Imported(2, Counter({"payroll-payments": 2}), skipped={"debit entries": 1})
    >>> print(*lines("june.ach", done, []), sep="\\n")
    june.ach: 2 transactions: 2 payroll-payments
      not payments to payees: 1 debit entries
    """
    events = [f"{count:,} {topic}" for topic, count in sorted(done.events.items())]
    reasons = ", ".join(sorted(done.refused))
    refused = [f"{done.refused.total():,} refused ({reasons})"] if done.refused else []
    what = ", ".join([*events, *refused]) or "nothing"
    yield f"{name}: {done.transactions:,} transaction{'s' * (done.transactions != 1)}: {what}"
    for kind, count in sorted(done.skipped.items()):
        yield f"  not payments to payees: {count:,} {kind}"
    for refusal in told:
        yield f"  {refusal.letter.detail.path}: {refusal.letter.reason}: {refusal.letter.detail.message}"
    if done.refused.total() > len(told):
        yield f"  … and {done.refused.total() - len(told):,} more, all of them among the dead letters"
    agreeing = sum(control.announced is not None for control in done.controls) - len(done.differing)
    if agreeing:
        yield f"  {agreeing:,} control figure{'s' * (agreeing != 1)} agree{'s' * (agreeing == 1)}"
    for control in done.differing[:_SHOWN]:
        yield (
            f"  {control.place}: {control.what} of {control.scope} is announced as {control.announced:f}, "
            f"found {control.found:f}: its payments are marked as of a batch that does not agree"
        )


def _show(item: Sound) -> None:
    body = msgspec.json.format(item.value, indent=2).decode()
    click.echo(f"-- {item.place} -> {item.topic}\n{body}")


@contextmanager
def _followed(file: BinaryIO, advance: Callable[[int], None]) -> Iterator[None]:
    """Tell how far the file is read, pass by pass, while somebody else reads it."""
    ended = threading.Event()
    descriptor = _descriptor(file)

    def follow() -> None:
        last = 0
        while not ended.wait(_LOOKS):
            now = os.lseek(descriptor, 0, os.SEEK_CUR)
            advance(now - last if now > last else now if now < last else 0)
            last = now

    if descriptor < 0:
        yield
        return
    looker = threading.Thread(target=follow, name="progress", daemon=True)
    looker.start()
    try:
        yield
    finally:
        ended.set()
        looker.join()


def _descriptor(file: BinaryIO) -> int:
    try:
        return file.fileno()
    except (OSError, AttributeError):
        return -1  # held in memory: done before anybody would look
