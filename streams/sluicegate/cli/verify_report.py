"""What `sluicegate verify` finds of each tenant's alert chain, in words."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from sluicegate.cli.verify_links import Links
from sluicegate.cli.verify_sources import Faults, Intake
from sluicegate.detection.chain import Chain, Fault, Held

__all__ = ["Expected", "Finding", "examine", "lines", "parse_head", "told"]

Expected = Mapping[str, Mapping[int, str]]
Place = Callable[[int, int], str]


class Finding(msgspec.Struct):
    """Of one tenant: how far its chain is there, and what is wrong with it."""

    tenant: str
    first: int
    last: int
    head: str
    faults: Faults = msgspec.field(default_factory=Faults)
    repeated: int = 0
    mixed: int = 0

    @property
    def whole(self) -> bool:
        return self.faults.count == 0

    @property
    def named(self) -> str:
        """The head as `--expect` takes it."""
        return f"{self.tenant}:{self.last}:{self.head}"


def parse_head(text: str) -> tuple[str, int, str]:
    """Tenant, number and hash of a head as it is printed. Raises ValueError.

    >>> parse_head("acme:7:" + "0" * 64)[:2]
    ('acme', 7)
    """
    tenant, number, hash = text.strip().split(":")
    if len(hash) != 64 or int(number) < 1 or not tenant:
        raise ValueError(text)
    return tenant, int(number), bytes.fromhex(hash).hex()


def examine(
    links: Links, intake: Intake, gone_until: float, expected: Expected, advance: Callable[[int], None]
) -> Iterator[Finding]:
    """Every tenant that was taken in or is expected, sorted by name.

    `gone_until`: the time (ms) up to which retention may have removed records. `advance` is told how many links were
    looked at.
    """
    for tenant in sorted({*links.heads, *expected, *(name for name in intake.faults if name is not None)}):
        wanted = expected.get(tenant, {})
        chain = Chain(tenant, gone_until=gone_until, expected=wanted)
        finding = Finding(tenant, 0, 0, "", repeated=links.repeated[tenant], mixed=intake.mixed[tenant])
        finding.faults = intake.faults.get(tenant, finding.faults)
        for held in links.of(tenant):
            advance(1)
            for fault in chain.take(held):
                finding.faults.add(_line(fault, intake.place))
        if chain.first is not None and chain.last is not None:
            finding.first, finding.last, finding.head = chain.first, chain.last.link.number, chain.last.link.hash
        for number in sorted({*wanted} - chain.confirmed):
            finding.faults.add(_unconfirmed(number, finding))
        yield finding


def _line(fault: Fault, place: Place) -> str:
    def at(held: Held) -> str:
        return place(held.source, held.position)

    also = f" ({at(fault.also)})" if fault.also is not None else ""
    return f"{at(fault.at)}: {fault.why}{also}"


def _unconfirmed(number: int, finding: Finding) -> str:
    if number > finding.last:
        end = f"the chain ends at number {finding.last}" if finding.last else "there is no alert revision"
        return f"expected number {number} is gone: {end}"
    if number < finding.first:
        return f"expected number {number} cannot be looked at: the chain is here from number {finding.first} on"
    return f"expected number {number} has another hash: the chain was written anew"


def lines(finding: Finding) -> Iterator[str]:
    """A tenant's findings for a reader.

    >>> print(*lines(Finding("acme", 412, 900, "ab" * 32, repeated=3)), sep="\\n")
    acme: whole from 412 to 900
      what came before 412 is not here (retention, or only a part was given)
      3 records are there twice, which is harmless
    >>> print(*lines(Finding("acme", 1, 9, "ab" * 32, Faults(["alerts/3@7: number 5 is altered"], 1))), sep="\\n")
    acme: NOT whole from 1 to 9
      alerts/3@7: number 5 is altered
    """
    if finding.last:
        yield f"{finding.tenant}: {'whole' if finding.whole else 'NOT whole'} from {finding.first} to {finding.last}"
    else:
        yield f"{finding.tenant}: no alert revision of its chain is here"
    for line in told(finding.faults):
        yield f"  {line}"
    if finding.first > 1:
        yield f"  what came before {finding.first} is not here (retention, or only a part was given)"
    if finding.repeated:
        yield f"  {_records(finding.repeated)} there twice, which is harmless"
    if finding.mixed:
        order = "stand in another order than they were written, as in a dump of several partitions"
        yield f"  records {order}"


def told(faults: Faults) -> Iterator[str]:
    """A line each, and how many are left out."""
    yield from faults.lines
    if faults.count > len(faults.lines):
        yield f"… and {faults.count - len(faults.lines):,} more"


def _records(count: int) -> str:
    return "1 record is" if count == 1 else f"{count:,} records are"
