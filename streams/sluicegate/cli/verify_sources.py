"""Where `sluicegate verify` takes alert revisions from: files, or the topic `alerts` up to its committed end."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from sluicegate.cli.lines import Progressing, lines_of
from sluicegate.cli.verify_links import Links
from sluicegate.detection.chain import Held
from sluicegate.settings import Settings
from sluicegate.wire.chain import Unlinked, read_link

__all__ = ["Faults", "Intake", "read_files", "read_topic"]

_SHOWN = 10
"""Faults of a tenant that are told one by one."""
_SETTLES = 3.0
"""Seconds for which gaps are looked at again: partitions show the end of one transaction at different moments."""
_AGAIN = 0.2
_EARLIEST = -2


class Faults(msgspec.Struct):
    """The first few of many, and how many there are."""

    lines: list[str] = []
    count: int = 0

    def add(self, line: str) -> None:
        self.count += 1
        if len(self.lines) < _SHOWN:
            self.lines.append(line)


class Intake:
    """Takes records one by one; what is wrong with them as a chain is for later."""

    def __init__(self, links: Links, tenants: Collection[str] = ()) -> None:
        """`tenants`: these only; none: all."""
        self._links = links
        self._tenants = tenants
        self._highest: dict[tuple[int, str], int] = {}
        self.sources: list[str] = []
        """Names by number; ends so that a position can follow."""
        self.taken = 0
        self.faults: defaultdict[str | None, Faults] = defaultdict(Faults)
        """What is wrong with records by themselves, by tenant; None: of those that name none."""
        self.mixed: Counter[str] = Counter()
        """By tenant: records of a file that stand after one of a higher number."""

    def take(self, value: bytes | None, source: int, position: int, stamp: int = 0, *, ordered: bool) -> None:
        """One record; `ordered`: where every tenant's numbers must rise."""
        link = read_link(value)
        if link is None or (self._tenants and link.tenant is not None and link.tenant not in self._tenants):
            return
        self.taken += 1
        if isinstance(link, Unlinked):
            self.faults[link.tenant].add(f"{self.place(source, position)}: {link.why}")
            return
        if not self._links.add(Held(link, source, position, stamp)):
            return
        highest = self._highest.get((source, link.tenant), 0)
        if link.number > highest:
            self._highest[source, link.tenant] = link.number
        elif link.number < highest and ordered:
            why = f"number {link.number} stands after number {highest}"
            self.faults[link.tenant].add(f"{self.place(source, position)}: {why}")
        elif link.number < highest:
            self.mixed[link.tenant] += 1

    def place(self, source: int, position: int) -> str:
        """`alerts.jsonl:17`, or `alerts/3@1204`."""
        return f"{self.sources[source]}{position}"


def read_files(intake: Intake, paths: Sequence[Path], bar: Progressing) -> None:
    """Every line of the files. Raises FileError."""
    for path in paths:
        source = len(intake.sources)
        intake.sources.append(f"{path}:")
        for number, line in enumerate(lines_of(path, bar.advance), 1):
            if line.strip():
                intake.take(line.rstrip(b"\r\n"), source, number, ordered=False)


def read_topic(intake: Intake, links: Links, settings: Settings, topic: str, bar: Progressing) -> float:
    """Every committed record of the topic (name on the broker).

    Gives the time (ms) up to which records may have been removed from its beginning: -1 where nothing was. Raises
    BrokerAwayError, TopicMissingError.
    """
    from sluicegate.cli.kafka import read_all

    begins = _begins(settings, topic)
    intake.sources += [f"{topic}/{partition}@" for partition in range(max(begins) + 1)] if begins else []
    firsts: dict[int, int] = {}
    following = dict.fromkeys(begins, 0)
    for record in read_all(settings, topic):
        firsts.setdefault(record.partition, record.timestamp)
        following[record.partition] = record.offset + 1
        intake.take(record.value, record.partition, record.offset, record.timestamp, ordered=True)
        bar.advance(1)
    _settle(links, settings, topic, following)
    return max((firsts.get(number, math.inf) for number, begin in begins.items() if begin > 0), default=-1)


def _settle(links: Links, settings: Settings, topic: str, following: dict[int, int]) -> None:
    """Fill gaps that are none: links below the heads seen, from partitions that were read a moment too early."""
    from sluicegate.cli.kafka import read_all

    heads = dict(links.heads)
    deadline = time.monotonic() + _SETTLES
    while links.gaps() and time.monotonic() < deadline:
        time.sleep(_AGAIN)
        for record in read_all(settings, topic, following):
            following[record.partition] = record.offset + 1
            link = read_link(record.value)
            if link is not None and not isinstance(link, Unlinked) and link.number < heads.get(link.tenant, 0):
                links.add(Held(link, record.partition, record.offset, record.timestamp))


def _begins(settings: Settings, topic: str) -> dict[int, int]:
    """First offset held, by partition; nothing where there is no such topic. Raises BrokerAwayError."""
    from kafka import TopicPartition
    from kafka.errors import KafkaError

    from sluicegate.kafka_clients import trouble
    from sluicegate.topics import Admin

    with Admin(settings) as admin:
        asked = {TopicPartition(topic, number): _EARLIEST for number in range(admin.partitions(topic) or 0)}
        try:
            found = admin.client.list_partition_offsets(asked) if asked else {}
        except KafkaError as error:
            raise trouble(settings, error, f"{topic}: its beginning is not told") from None
    return {place.partition: at.offset for place, at in found.items()}
