"""The same invoice is paid twice: error or fraud. Most duplicates are faults of process.

Compared are normalised invoice numbers and amounts of the last 90 days: within the payee, and with other payees of
the same account or tax id.

Evidence: both amounts and their difference, the invoice number, days between the payments, whether the payee is the
same; the earlier payment is named.

False positives: instalments of one invoice, recurring contracts, a credit note in between (all three are recognised).

Next step: put the two invoices side by side; ask for a refund or a credit note.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT, within
from sluicegate.detection.calendar import DAY
from sluicegate.detection.invoices import nearly_equal
from sluicegate.detection.records import AccountLinks, BlockRecord, PayeeRecord, PaymentRow, TaxIdLinks
from sluicegate.detection.view import View, failed
from sluicegate.rules.base import HIGH, LOW, MEDIUM, Days, Entity, Finding, Result, Rule, RuleParams, Share
from sluicegate.rules.series import instalment, recurring
from sluicegate.wire.events import Payment

OTHER_PAYEES = 32
"""Other payees of the account or tax id that are looked through."""
LINK_DAYS = 400
MOST_HITS = 20


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="age up to which an earlier payment is compared")] = 90
    tolerance: Annotated[Share, Meta(description="share by which amounts may differ")] = 0.005
    no_number_days: Annotated[Days, Meta(description="days between equal payments without a number")] = 7


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    id = data.payee.payee_id
    numbered = any(i.normal for i in row.invoices)
    since = view.time - (params.window_days if numbered else params.no_number_days) * DAY - 1
    own = [r for r in view.rows(id, since) if _comparable(r, row, since)]
    found = _numbered(view, params, id, row, own) if numbered else _unnumbered(view, id, row, own)
    hits = list(islice(found, MOST_HITS))
    if numbered:
        hits += list(_other_payees(view, params, id, row, since))
    for score, payee, earlier, normal in sorted(hits, key=lambda h: (-h[0], h[2].time, h[2].ref))[:MOST_HITS]:
        yield _finding(view, id, row, score, payee, earlier, normal)


def _comparable(earlier: PaymentRow, row: PaymentRow, since: int) -> bool:
    return (
        since < earlier.time < row.time
        and earlier.id != row.id
        and earlier.currency == row.currency
        and not earlier.payroll
        and not failed(earlier)
    )


Hit = tuple[int, str, PaymentRow, str]


def _numbered(view: View, params: Params, id: str, row: PaymentRow, own: list[PaymentRow]) -> Iterator[Hit]:
    """The same number and about the same amount, or nearly the same number and the same amount."""
    numbers = {invoice.normal: invoice for invoice in row.invoices if invoice.normal}
    amount = Decimal(row.value)
    for earlier in own:
        theirs = [invoice.normal for invoice in earlier.invoices if invoice.normal]
        same = [number for number in theirs if number in numbers]
        if same:
            if within(amount, Decimal(earlier.value), Decimal(str(params.tolerance))):
                for normal in same:
                    if not instalment(view, id, numbers[normal], row) and not _credited(normal, earlier, row, own):
                        yield HIGH, id, earlier, normal
                        break
        elif Decimal(earlier.value) == amount:
            near = next((their for their in theirs if any(nearly_equal(one, their) for one in numbers)), None)
            if near is not None and not _credited(near, earlier, row, own) and not recurring(view, id, row):
                yield MEDIUM, id, earlier, near


def _unnumbered(view: View, id: str, row: PaymentRow, own: list[PaymentRow]) -> Iterator[Hit]:
    """The same amount within days, and neither payment has a number."""
    amount = Decimal(row.value)
    for earlier in own:
        if (
            Decimal(earlier.value) == amount
            and not any(i.normal for i in earlier.invoices)
            and not recurring(view, id, row)
        ):
            yield LOW, id, earlier, ""


def _other_payees(view: View, params: Params, id: str, row: PaymentRow, since: int) -> Iterator[Hit]:
    numbers = {i.normal for i in row.invoices if i.normal}
    if not numbers:
        return
    links = [link for fp in row.fps for link in view.links(AccountLinks, fp, LINK_DAYS)]
    tax_id = view.known(id).profile.tax_id_hash
    links += view.links(TaxIdLinks, tax_id, LINK_DAYS) if tax_id is not None else []
    for payee in sorted({link.payee for link in links} - {id})[:OTHER_PAYEES]:
        record = view.known(payee)
        same_tax_id = tax_id is not None and record.profile.tax_id_hash == tax_id
        theirs = [r for r in view.rows(payee, since) if _comparable(r, row, since)]
        for earlier in theirs:
            match = next((i.normal for i in earlier.invoices if i.normal in numbers), None)
            if (
                match is not None
                and (same_tax_id or set(earlier.fps) & set(row.fps))
                and within(Decimal(row.value), Decimal(earlier.value), Decimal(str(params.tolerance)))
                and not _credited(match, earlier, row, theirs)
            ):
                yield HIGH, payee, earlier, match


def _credited(normal: str, earlier: PaymentRow, row: PaymentRow, rows: list[PaymentRow]) -> bool:
    """A credit note for the invoice was posted between the two payments, or comes with the later one."""
    return any(i.credit_of == normal for r in (*rows, row) if earlier.time <= r.time <= row.time for i in r.invoices)


def _finding(view: View, id: str, row: PaymentRow, score: int, payee: str, earlier: PaymentRow, normal: str) -> Finding:
    days = (row.time - earlier.time) // DAY
    ago = "1 day" if days == 1 else f"{days} days"
    what = {HIGH: "the same invoice number", MEDIUM: "nearly the same invoice number", LOW: "no invoice number"}[score]
    whose = "" if payee == id else " paid to another payee of the same account or tax id"
    difference = abs(EXACT.subtract(Decimal(row.value), Decimal(earlier.value)))
    return Finding(
        score=score,
        subject=("payee", id),
        title="An invoice seems to be paid twice",
        text=f"Error or fraud: {row.value} {row.currency} with {what} as a payment {ago} before{whose}.",
        observed={
            "amount": {"value": row.value, "currency": row.currency},
            "invoice": normal or None,
            "earlier_amount": {"value": earlier.value, "currency": earlier.currency},
            "days_between": days,
            "difference": format(difference, "f"),
            "same_payee": payee == id,
        },
        expected={"payments_per_invoice": 1},
        counterfactual="Another number, a credit note between them, or a total that covers both would silence it.",
        action="hold" if score == HIGH else "review",
        cause=f"{id}\n{normal}",
        events=(earlier.ref,),
        payments=((id, row.id),),
        entities=(Entity("payment", earlier.id, "earlier"),),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="duplicate-invoice",
    letter="B1",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord, AccountLinks, TaxIdLinks, AlertRecord),
    sources=("Accounts-payable duplicate-payment practice",),
    fires=("same-invoice-other-spelling", "equal-amounts-without-number", "number-longer-by-one-character"),
    silent=("monthly-retainer", "instalments", "credit-note-in-between", "same-invoice-amount-just-too-far-off"),
    about_amount=True,
    pays="vendor",
)
