"""A payee's payout requests: what of each is kept, and which go where there are too many."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from sluicegate.detection.records import MAX_REQUESTS, PayeeRecord, RequestRow
from sluicegate.detection.rows import KEEP
from sluicegate.screening.wallets import wallet_id

if TYPE_CHECKING:
    from datetime import date

    from sluicegate.detection.view import View
    from sluicegate.wire.blocks import Destination
    from sluicegate.wire.events import PayoutRequest

MAX_DAYS = 40
"""Local dates whose requests are counted: the thirty that a rule looks back, and some for requests that come late."""


def note_request(view: View, record: PayeeRecord, data: PayoutRequest) -> RequestRow:
    """Enter a request into its payee's record."""
    base = view.in_base(data.amount.value, data.amount.currency, data.amount_base)
    row = RequestRow(
        data.request_id,
        view.ref,
        view.time,
        data.method,
        data.amount.value,
        data.amount.currency,
        base=None if base is None else format(base, "f"),
        swept=bool(data.auto_sweep),
    )
    to = data.destination if data.method == "crypto" else None
    if to is not None:
        row.destination = destination_key(to, data.account.fp if data.account is not None else None)
        row.network = to.network
        row.attested_by = to.provider if to.kyc_attested else None
    elif data.account is not None:
        row.destination = data.account.fp
    row.first = _first_seen(record, row)
    _count_day(record, view.policy.calendar.local_date(view.time))
    record.requests = [held for held in record.requests if held.time >= record.last_seen - KEEP]
    insort(record.requests, row, key=lambda r: r.time)
    if len(record.requests) > MAX_REQUESTS:
        record.requests.remove(_least_telling(record.requests, row))
    return row


def destination_key(destination: Destination | None, fp: str | None) -> str:
    """What makes a crypto destination the same one: the wallet identity, else provider and account."""
    if destination is not None and destination.address:
        return wallet_id(destination.address, destination.tag)
    return f"{destination.provider if destination is not None else None}\n{fp}"


def _first_seen(record: PayeeRecord, row: RequestRow) -> int:
    """When the payee first asked for the destination, registered it or was paid there."""
    if row.destination is None:
        return row.time
    asked = [held.first for held in record.requests if held.destination == row.destination]
    used = [use.first_seen for use in record.accounts if row.destination in (use.fp, use.wallet)]
    return min([row.time, *asked, *used])


def _count_day(record: PayeeRecord, day: date) -> None:
    counts = dict(record.request_days)
    counts[day.toordinal()] = counts.get(day.toordinal(), 0) + 1
    record.request_days = sorted(counts.items())[-MAX_DAYS:]


def _least_telling(rows: list[RequestRow], newest: RequestRow) -> RequestRow:
    """The oldest request whose destination and network a younger one shows too, so that rare ones stay known."""
    last = {(row.destination, row.network, row.attested_by): row for row in rows}
    others = [row for row in rows if row is not newest]
    repeated = (row for row in others if last[row.destination, row.network, row.attested_by] is not row)
    return next(repeated, others[0])
