"""Whether the alert chain of a tenant is whole: nothing altered, missing, added, or out of order.

What a chain cannot show by itself is that its last links are gone: for that, a head noted earlier is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from sluicegate.wire.chain import Link, origin


class Held(msgspec.Struct, frozen=True):
    """A link and where it was found: `position` within `source`, whatever the caller means by them; `time` in ms."""

    link: Link
    source: int
    position: int
    time: int = 0


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, at which record; `also` is another record that it is about."""

    at: Held
    why: str
    also: Held | None = None


class Chain:
    """One tenant's links, taken in order of their numbers, each version of a link once.

    Memory is that of the alerts that are open, as in the tenant's state.
    """

    def __init__(self, tenant: str, *, gone_until: float = -1, expected: Mapping[int, str] = {}) -> None:
        """`gone_until`: what was written up to then (ms) may have been removed by retention, and is not missed.

        `expected`: hashes by number, as noted earlier.
        """
        self.first: int | None = None
        """Number from which on the chain was looked at: earlier ones are not here."""
        self.last: Held | None = None
        self.confirmed: set[int] = set()
        """Numbers whose hash is the expected one."""
        self.tenant = tenant
        self._gone_until = gone_until
        self._expected = expected
        self._ends: set[str] = set()
        self._open: dict[str, Held] = {}

    def take(self, held: Held) -> Iterator[Fault]:
        """The next link, and what is wrong with it; of links of one number the sound ones come first."""
        link, last = held.link, self.last
        if not link.sound:
            yield Fault(held, f"number {link.number} is altered: its content does not give its hash")
        if last is not None and link.number == last.link.number:
            if link.sound:
                yield Fault(held, f"number {link.number} is there in two versions", last)
            self._ends.add(link.hash)
            self._look_for(link)
            return
        if last is None or (link.number > last.link.number + 1 and last.time <= self._gone_until):
            self.first = link.number
            self._open.clear()
            if link.number == 1 and link.before != origin(self.tenant):
                yield Fault(held, "number 1 does not begin this tenant's chain")
        elif link.number > last.link.number + 1:
            yield Fault(held, f"{_numbers(last.link.number + 1, link.number - 1)} missing before number {link.number}")
        elif link.before not in self._ends:
            why = f"number {link.number} does not follow number {last.link.number}, whose hash it does not name"
            yield Fault(held, why, last)
        yield from self._revision(held)
        self._ends = {link.hash}
        self.last = held
        self._look_for(link)

    def _look_for(self, link: Link) -> None:
        if self._expected.get(link.number) == link.hash:
            self.confirmed.add(link.number)
        if link.number == self.first and self._expected.get(link.number - 1) == link.before:
            self.confirmed.add(link.number - 1)

    def _revision(self, held: Held) -> Iterator[Fault]:
        link = held.link
        earlier = self._open.pop(link.alert, None)
        if not link.closes:
            self._open[link.alert] = held
        if earlier is None:
            if link.revision != 1 and self.first == 1:
                yield Fault(
                    held, f"revision {link.revision} of {link.alert} without the one before it, or after its end"
                )
        elif link.revision != earlier.link.revision + 1:
            yield Fault(held, f"revision {link.revision} of {link.alert} follows {earlier.link.revision}", earlier)
        elif held.source == earlier.source and held.position < earlier.position:
            why = f"revision {link.revision} of {link.alert} stands before revision {earlier.link.revision}"
            yield Fault(held, why, earlier)


def _numbers(first: int, last: int) -> str:
    """
    >>> _numbers(3, 3), _numbers(3, 5)
    ('number 3 is', 'numbers 3 to 5 are')
    """
    return f"number {first} is" if first == last else f"numbers {first} to {last} are"
