"""Counts across tenants that opted in: what a tenant is told for what it has shown.

It is told a number of tenants, and whether all of them pay contractors; never which ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sluicegate.detection.calendar import DAY
from sluicegate.detection.count_records import PivotRecord, Seen
from sluicegate.detection.sightings import Sighting, internal_event
from sluicegate.wire.scalars import format_time

if TYPE_CHECKING:
    from sluicegate.detection.records import LinkRecord, PaymentRow
    from sluicegate.detection.view import View
    from sluicegate.wire.events import SharedCount

SOURCE = "/sluicegate/shared"
MOST_SEEN = 64
"""Tenants kept of one pivot, far above every threshold."""


def answers(record: PivotRecord, sighting: Sighting) -> Iterator[bytes]:
    """Enter a sighting; the `shared.count.v1` events that follow: to its tenant, and to others whose count changed.

    Tenants count together whose last sightings lie within the window that ends at the newest of them.
    """
    new = Seen(
        sighting.tenant, sighting.kind == "contractor", int(sighting.time), sighting.source, sighting.id, sighting.days
    )
    _enter(record, new)
    reach = sighting.time + sighting.days * DAY
    end = max((seen.time for seen in record.seen if seen.time < reach), default=int(sighting.time))
    for tenant in sorted({seen.tenant for seen in record.seen}):
        own = max((s for s in record.seen if s.tenant == tenant and s.time <= end), key=_order, default=None)
        if own is None:
            continue
        if tenant == sighting.tenant and own.time == new.time:
            own = new
        within = [seen for seen in record.seen if end - own.days * DAY < seen.time <= end]
        count = len({seen.tenant for seen in within})
        told = (count, all(seen.contractor for seen in within))
        if own not in within or count < 2 or (tenant != sighting.tenant and record.told.get(tenant) == told):
            continue
        record.told[tenant] = told
        yield _count(sighting, own, *told)


def _enter(record: PivotRecord, new: Seen) -> None:
    held = next((s for s in record.seen if (s.tenant, s.contractor) == (new.tenant, new.contractor)), None)
    if held is not None and _order(held) > _order(new):
        return
    kept = sorted((seen for seen in record.seen if seen is not held), key=_order)
    horizon = max(seen.time for seen in (*kept, new)) - 2 * max(seen.days for seen in (*kept, new)) * DAY
    record.seen = [*(seen for seen in kept if seen.time > horizon), new][-MOST_SEEN:]
    known = {seen.tenant for seen in record.seen}
    record.told = {tenant: told for tenant, told in record.told.items() if tenant in known}


def _order(seen: Seen) -> tuple[int, str, str]:
    return seen.time, seen.source, seen.id


def _count(cause: Sighting, own: Seen, count: int, contractors: bool) -> bytes:
    data = {
        "rule": cause.rule,
        "pivot": cause.pivot,
        "count": count,
        "contractors": contractors,
        "source": own.source,
        "id": own.id,
        "time": format_time(own.time),
    }
    parts = (cause.rule, cause.pivot, own.tenant, cause.tenant, cause.source, cause.id)
    return internal_event("shared.count.v1", parts, SOURCE, own.time, own.tenant, data)


class Counting:
    """Counts in memory, for a replay of several tenants' files. It holds what was seen of every pivot."""

    def __init__(self) -> None:
        self._pivots: dict[tuple[str, str], PivotRecord] = {}

    def see(self, sighting: Sighting) -> list[bytes]:
        """The events that answer a sighting."""
        return list(answers(self._pivots.setdefault((sighting.rule, sighting.pivot), PivotRecord()), sighting))


def answered(view: View, cls: type[LinkRecord], data: SharedCount) -> tuple[str, PaymentRow] | None:
    """Payee and payment, where a count answers one: it is among those of payees tied to the pivot."""
    ref = f"{data.source}\n{data.id}"
    links = view.state.get(cls, data.pivot.partition(":")[2])
    for link in links.links if links is not None else ():
        for row in view.rows(link.payee, view.time - 1):
            if row.ref == ref:
                return link.payee, row
    return None
