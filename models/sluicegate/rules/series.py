"""Payments that belong together by agreement: instalments of one invoice, and series that recur."""

from decimal import Decimal
from itertools import islice, pairwise

from sluicegate.detection.amounts import total, within
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import InvoiceRow, PaymentRow
from sluicegate.detection.view import View, failed, settled

SERIES = 3
SERIES_TOLERANCE_DAYS = 3


def instalment(view: View, id: str, invoice: InvoiceRow, row: PaymentRow) -> bool:
    """Payments of one number that together, however far back, stay within the invoice's total."""
    if invoice.total is None:
        return False
    paid = [
        r.value
        for r in view.rows(id)
        if r.id != row.id
        and r.time <= row.time
        and r.currency == row.currency
        and not failed(r)
        and any(i.normal == invoice.normal for i in r.invoices)
    ]
    return total([*paid, row.value]) <= Decimal(invoice.total)


def recurring(view: View, id: str, row: PaymentRow) -> bool:
    """A contract of the policy, or the amount and rhythm of the last three settled payments."""
    if view.recurring is None:
        view.recurring = _find_series(view, id, row)
    return view.recurring


def _find_series(view: View, id: str, row: PaymentRow) -> bool:
    tolerance = Decimal(str(view.policy.param("duplicate-invoice", "tolerance")))
    for contract in view.policy.recurring_contracts:
        if (
            contract.payee_id == id
            and contract.amount.currency == row.currency
            and within(Decimal(row.value), Decimal(contract.amount.value), tolerance)
        ):
            return True
    past = (r for r in view.rows(id) if r.time < row.time and r.currency == row.currency and settled(r, row.time))
    last = sorted((r.time, r.value) for r in islice(past, SERIES))
    if len(last) < SERIES or any(not within(Decimal(row.value), Decimal(v), tolerance) for _, v in last):
        return False
    times = [t for t, _ in last] + [row.time]
    gaps = sorted(b - a for a, b in pairwise(times))
    return all(abs(gap - gaps[1]) <= SERIES_TOLERANCE_DAYS * DAY for gap in gaps)
