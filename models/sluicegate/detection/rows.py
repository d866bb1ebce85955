"""A payee's payments: the newest in the payee's own record, older ones in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sluicegate.detection.amounts import add, regular_part
from sluicegate.detection.calendar import DAY
from sluicegate.detection.invoices import normal_form
from sluicegate.detection.payslips import pay_slip
from sluicegate.detection.records import BLOCK_ROWS, BlockRecord, InvoiceRow, PayeeRecord, PaymentRow

if TYPE_CHECKING:
    from sluicegate.detection.state import State
    from sluicegate.detection.view import View
    from sluicegate.wire.blocks import Account
    from sluicegate.wire.events import Payment

KEEP = 400 * DAY
"""How long payments, links and changes count anywhere."""
MAX_ROW_INVOICES = 500
MAX_APPROVERS = 8


def join_part(state: State, record: PayeeRecord, part: PaymentRow, data: Payment) -> PaymentRow:
    """The row that the parts of a split payment share, one for each currency they come in."""
    whole = find_row(state, data.payee.payee_id, part.id, part.currency)
    if whole is None:
        return part
    whole.value = add(whole.value, part.value)
    whole.base = add(whole.base, part.base) if whole.base is not None and part.base is not None else None
    whole.regular = add(whole.regular or "0", part.regular) if part.regular is not None else whole.regular
    whole.fps += [fp for fp in part.fps if fp not in whole.fps]
    if whole.slip is not None and part.slip is not None:
        whole.slip.leaving |= part.slip.leaving
    known = {invoice.normal for invoice in whole.invoices}
    whole.invoices = [*whole.invoices, *(i for i in part.invoices if i.normal not in known)][:MAX_ROW_INVOICES]
    whole.parts += part.parts
    return whole


def row_of(view: View, data: Payment) -> PaymentRow:
    """The row of a payment, or of a part of one, as the event tells it."""
    payroll = view.event.type == "payroll.payment.v1"
    base = view.in_base(data.amount.value, data.amount.currency, data.amount_base)
    return PaymentRow(
        data.payment_id,
        view.ref,
        view.time,
        data.amount.value,
        data.amount.currency,
        [data.account.fp],
        data.schedule.rail,
        payroll,
        base=None if base is None else format(base, "f"),
        regular=_regular(data),
        pay_date=str(data.schedule.pay_date) if data.schedule.pay_date is not None else None,
        name_check=name_check(data.account),
        run_id=data.schedule.run_id,
        invoices=[
            InvoiceRow(normal_form(i.number), i.total, normal_form(i.credit_note_of) or None, i.po_number)
            for i in data.invoices[:MAX_ROW_INVOICES]
        ],
        parts=[data.split.index] if data.split is not None else [],
        slip=pay_slip(data) if payroll else None,
        requested_by=data.approval.requested_by if data.approval is not None and not payroll else None,
        approvers=list(data.approval.approved_by[:MAX_APPROVERS]) if data.approval is not None and not payroll else [],
    )


def _regular(data: Payment) -> str | None:
    components = data.purpose.components if data.purpose is not None else ()
    return regular_part(data.amount.value, [(c.type, c.amount) for c in components])


def row_order(row: PaymentRow) -> tuple[int, str]:
    """Rows stand in order of event time."""
    return row.time, row.ref


def spill(state: State, payee: str, record: PayeeRecord) -> None:
    """Move the oldest inline payments into a block, and let go of blocks that no window reaches any more."""
    number = record.blocks[-1][0] + 1 if record.blocks else 0
    rows = record.rows[:BLOCK_ROWS]
    del record.rows[:BLOCK_ROWS]
    state.put(f"{payee}\n{number}", BlockRecord(rows))
    record.blocks.append((number, rows[0].time, rows[-1].time))
    horizon = record.last_seen - KEEP
    while record.blocks and record.blocks[0][2] < horizon:
        state.delete(BlockRecord, f"{payee}\n{record.blocks.pop(0)[0]}")


def rows_of(state: State, payee: str) -> Iterator[PaymentRow]:
    """All payments of a payee that are still held, to read."""
    record = state.get(PayeeRecord, payee)
    if record is not None:
        yield from record.rows
        for number, _, _ in reversed(record.blocks):
            block = state.get(BlockRecord, f"{payee}\n{number}")
            yield from block.rows if block is not None else ()


def find_row(state: State, payee: str, payment_id: str, currency: str | None = None) -> PaymentRow | None:
    """A payment (in a currency) to be changed in place: its record is marked as changed."""
    record = state.get(PayeeRecord, payee)
    if record is None:
        return None
    for row in reversed(record.rows):
        if row.id == payment_id and currency in (None, row.currency):
            state.put(payee, record)
            return row
    for number, _, _ in reversed(record.blocks):
        block = state.get(BlockRecord, f"{payee}\n{number}")
        for row in block.rows if block is not None else ():
            if row.id == payment_id and currency in (None, row.currency) and block is not None:
                state.put(f"{payee}\n{number}", block)
                return row
    return None


def name_check(account: Account) -> str | None:
    """The outcome of the bank's name check that an account block carries."""
    return account.name_check.status if account.name_check is not None else None
