"""Advances on pay: those a payee asked for, and those paid."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from sluicegate.detection.records import Advance, PayeeRecord
from sluicegate.detection.rows import KEEP
from sluicegate.wire.events import Payment

if TYPE_CHECKING:
    from sluicegate.detection.view import View
    from sluicegate.wire.events import PayoutRequest

MAX_ADVANCES = 32
"""The newest; far above every threshold."""
ADVANCE = "advance"
CODE = "ADVA"


def note_advance(view: View, record: PayeeRecord, data: Payment | PayoutRequest) -> None:
    """Enter an advance into its payee's record, unless it is there already: as the request, or as a part of it."""
    if not _is_advance(data):
        return
    if isinstance(data, Payment):
        new = Advance(view.time, view.ref, data.request_id, None, data.payment_id)
    else:
        new = Advance(view.time, view.ref, data.request_id, data.provider)
    for held in record.advances:
        if new.request is not None and held.request == new.request:
            held.provider = held.provider or new.provider
            return
        if new.payment is not None and held.payment == new.payment:
            return
    kept = [held for held in record.advances if held.time >= record.last_seen - KEEP]
    insort(kept, new, key=lambda held: (held.time, held.ref))
    record.advances = kept[-MAX_ADVANCES:]


def _is_advance(data: Payment | PayoutRequest) -> bool:
    if not isinstance(data, Payment):
        return data.purpose == ADVANCE
    purpose = data.purpose
    return purpose is not None and (purpose.code == CODE or any(c.type == ADVANCE for c in purpose.components))
