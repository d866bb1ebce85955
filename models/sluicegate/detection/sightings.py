"""Counts across tenants that opted in: what a tenant shows of itself, and what it is told.

A tenant shows a sighting: a hashed account or tax id, the payee's kind and the amount. It is told a number of tenants,
and whether all of them pay contractors; never which ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.amounts import EXACT
from sluicegate.detection.calendar import DAY
from sluicegate.detection.count_records import PivotRecord, Seen
from sluicegate.wire.canonical import canonical
from sluicegate.wire.scalars import format_time

if TYPE_CHECKING:
    from sluicegate.detection.records import PaymentRow
    from sluicegate.detection.view import View

MANY_EMPLOYERS = "many-employers"
SOURCE = "/sluicegate/shared"
MOST_SEEN = 64
"""Tenants kept of one pivot, far above every threshold."""


class Sighting(msgspec.Struct, frozen=True):
    """`sighting.v1`: a tenant's event `source`#`id` at a pivot (`account:` or `tax_id:` and the hash).

    `time` is in µs, `amount` the regular part in the tenant's base currency, `days` the tenant's window.
    """

    rule: str
    pivot: str
    tenant: str
    source: str
    id: str
    time: int
    kind: str
    amount: str
    days: int


def regular_in_base(view: View, row: PaymentRow) -> Decimal | None:
    """The regular part of a payment in the tenant's base currency; None where either is not known."""
    if row.regular is None or row.base is None:
        return None
    if row.currency == view.policy.base_currency or not Decimal(row.value):
        return Decimal(row.regular)
    return EXACT.divide(EXACT.multiply(Decimal(row.regular), Decimal(row.base)), Decimal(row.value))


def concerned(view: View, row: PaymentRow) -> bool:
    """Whether the payment is of those that `many-employers` counts, but for its amount."""
    return (
        view.policy.cross_tenant_counts
        and row.slip is not None
        and row.slip.run_type is None
        and row.regular is not None
        and not any(fp in view.policy.trusted for fp in row.fps)
    )


def sightings_of(view: View, payee: str, row: PaymentRow) -> Iterator[Sighting]:
    """What the tenant shows of a payment: its accounts, and the payee's tax id."""
    if not concerned(view, row) or view.policy.mode(MANY_EMPLOYERS) == "off":
        return
    amount = regular_in_base(view, row)
    if amount is None or amount < Decimal(view.policy.param(MANY_EMPLOYERS, "min_amount")):
        return
    profile = view.known(payee).profile
    source, _, id = row.ref.partition("\n")
    days: int = view.policy.param(MANY_EMPLOYERS, "window_days")
    pivots = [f"account:{fp}" for fp in row.fps]
    if profile.tax_id_hash:
        pivots.append(f"tax_id:{profile.tax_id_hash}")
    for pivot in pivots:
        yield Sighting(
            MANY_EMPLOYERS, pivot, view.state.tenant, source, id, row.time, profile.kind, format(amount, "f"), days
        )


def answers(record: PivotRecord, sighting: Sighting) -> Iterator[bytes]:
    """Enter a sighting; the `shared.count.v1` events that follow: to its tenant, and to others whose count changed.

    Tenants count together whose last sightings lie within the window that ends at the newest of them.
    """
    new = Seen(
        sighting.tenant, sighting.kind == "contractor", sighting.time, sighting.source, sighting.id, sighting.days
    )
    _enter(record, new)
    reach = sighting.time + sighting.days * DAY
    end = max((seen.time for seen in record.seen if seen.time < reach), default=sighting.time)
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
        yield _event(sighting, own, *told)


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


def _event(cause: Sighting, own: Seen, count: int, contractors: bool) -> bytes:
    parts = (cause.rule, cause.pivot, own.tenant, cause.tenant, cause.source, cause.id)
    text = "".join(f"{len(part)} {part}" for part in parts)
    time = format_time(own.time)
    return canonical(
        {
            "specversion": "1.0",
            "id": f"count-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}",
            "source": SOURCE,
            "type": "shared.count.v1",
            "time": time,
            "tenantid": own.tenant,
            "data": {
                "rule": cause.rule,
                "pivot": cause.pivot,
                "count": count,
                "contractors": contractors,
                "source": own.source,
                "id": own.id,
                "time": time,
            },
        }
    )


class Counting:
    """Counts in memory, for a replay of several tenants' files. It holds what was seen of every pivot."""

    def __init__(self) -> None:
        self._pivots: dict[tuple[str, str], PivotRecord] = {}

    def see(self, sighting: Sighting) -> list[bytes]:
        """The events that answer a sighting."""
        return list(answers(self._pivots.setdefault((sighting.rule, sighting.pivot), PivotRecord()), sighting))
