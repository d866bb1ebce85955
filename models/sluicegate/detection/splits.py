"""Split payments: the parts' sum as one payment, once they are all in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.rows import find_row
from sluicegate.wire.blocks import Money, MoneyBase
from sluicegate.wire.decode import Event
from sluicegate.wire.events import Payment
from sluicegate.wire.scalars import dec_hook, enc_hook

if TYPE_CHECKING:
    from sluicegate.detection.records import PaymentRow
    from sluicegate.detection.state import State

MAX_BYTES = 48 * 1024
_decode = msgspec.json.Decoder(Payment, dec_hook=dec_hook).decode


def pack_event(event: Event) -> bytes:
    """The event of a part, small enough for a state record: what is long and no amount rule needs is left out."""
    data = event.data
    assert isinstance(data, Payment)
    body = msgspec.json.encode(data, enc_hook=enc_hook)
    if len(body) > MAX_BYTES:
        slim = msgspec.structs.replace(data, invoices=data.invoices[:20], purpose=None, raw_ref=None, approval=None)
        body = msgspec.json.encode(slim, enc_hook=enc_hook)
    return msgspec.msgpack.encode((event.id, event.source, event.type, event.time, body))


def unpack_event(packed: bytes, tenant: str) -> Event:
    """The event that `pack_event` packed."""
    id, source, kind, time, body = msgspec.msgpack.decode(packed, type=tuple[str, str, str, int, bytes])
    return Event(id, source, kind, time, tenant, _decode(body))


def whole_payment(event: Event, row: PaymentRow) -> Event:
    """The event with the sum of all parts for its amount, and no split."""
    data = event.data
    assert isinstance(data, Payment)
    base = data.amount_base
    if base is not None:
        base = MoneyBase(value=row.base, currency=base.currency) if row.base is not None else None
    amount = Money(value=row.value, currency=row.currency)
    return msgspec.structs.replace(
        event, data=msgspec.structs.replace(data, amount=amount, amount_base=base, split=None)
    )


def whole_payment_of(state: State, packed: bytes) -> tuple[Event, PaymentRow | None]:
    """The event of a split payment that waited in vain for its last part, with the sum of those that came."""
    event = unpack_event(packed, state.tenant)
    data = event.data
    assert isinstance(data, Payment)
    row = find_row(state, data.payee.payee_id, data.payment_id, data.amount.currency)
    return (event if row is None else whole_payment(event, row)), row
