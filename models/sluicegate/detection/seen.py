"""What came in before: ids of events, and of payments that are told of more than once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sluicegate.detection.calendar import DAY
from sluicegate.detection.rows import rows_of

if TYPE_CHECKING:
    from sluicegate.detection.state import State
    from sluicegate.wire.events import Payment

KEEP_IDS = 30 * DAY
KEEP_PAYMENT_IDS = 400 * DAY
MOST_IDS = 1_000_000


def digest(*parts: str) -> bytes:
    """16 bytes that stand for an id."""
    text = "".join(f"{len(part)} {part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def is_repeated(state: State, data: Payment, clock: int, logged: int) -> bool:
    """Whether this is a further notice of a known payment; a new one is known from here on."""
    id = digest(data.payment_id)
    if not state.knows("paid", id):
        state.remember("paid", id, clock=clock, logged=logged, keep=KEEP_PAYMENT_IDS, most=MOST_IDS)
        return False
    if data.split is None:
        return True
    rows = (r for r in rows_of(state, data.payee.payee_id) if r.id == data.payment_id)
    parts = [part for row in rows for part in row.parts]
    return not parts or data.split.index in parts
