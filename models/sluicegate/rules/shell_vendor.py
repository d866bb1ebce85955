"""Several signs of a vendor without business of its own come together.

Round amounts, invoice numbers without gaps over months, no orders, services only, a post box, amounts just under a
limit, and a creator who approves.

Evidence: the signs that were found, by name, and over how many payments.

False positives: small consultancies that bill round fees to few clients; landlords.

Next step: ask for deliverables; check the registry entry and the address.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.amounts import EXACT
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BLOCK_ROWS, BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, failed
from sluicegate.rules.base import HIGH, MEDIUM, Count, Days, Finding, Result, Rule, RuleParams
from sluicegate.rules.limits import just_under, limits_of
from sluicegate.wire.events import Payment

MOST_PAYMENTS = 60
"""The newest payments that are looked at: somewhat more than a weekly biller's in a year."""
ROUND, ROUND_SHARE = Decimal(500), Decimal("0.8")
RUN, RUN_DAYS = 4, 60
NEAR_RATIO, NEAR_SHARE = Decimal("0.9"), Decimal("0.5")


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days of payments that are looked at")] = 365
    min_payments: Annotated[Count, Meta(description="payments that are needed")] = 5
    medium_signals: Annotated[Count, Meta(description="signals from which the finding is medium")] = 3
    high_signals: Annotated[Count, Meta(description="signals from which the finding is high")] = 5


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    id = data.payee.payee_id
    record, since = view.known(id), view.time - params.window_days * DAY
    limits = limits_of(view, data) if row.base is not None else []
    creator = record.creation.user if record.creation is not None else None
    stated = _stated(record)
    wanted = params.medium_signals - len(stated)
    most = min(MOST_PAYMENTS, len(record.rows) + BLOCK_ROWS * sum(latest > since for _, _, latest in record.blocks))
    hope = Hope(most, limits, creator is not None)
    if most < params.min_payments or hope.signals < wanted:
        return
    rows = []
    for r in view.rows(id, since):
        if since < r.time <= view.time and not failed(r):
            rows.append(r)
            hope.see(r)
            if hope.signals < wanted:
                return
            if len(rows) == MOST_PAYMENTS:
                break
    if len(rows) < params.min_payments:
        return
    rows.sort(key=lambda r: (r.time, r.ref))
    signals = [*stated, *_seen(rows, limits, creator)]
    if len(signals) >= params.medium_signals:
        yield _finding(params, id, row, record, signals, len(rows))


class Hope:
    """How many signs are still possible, of so many payments at most: most vendors are let go after the newest few."""

    def __init__(self, most: int, limits: list[Decimal], creator: bool) -> None:
        self._bands = [(EXACT.multiply(NEAR_RATIO, limit), limit) for limit in limits]
        self._uneven = int((1 - ROUND_SHARE) * most)
        self._far = int((1 - NEAR_SHARE) * most)
        self._orders = False
        self._always = 1 + creator  # consecutive numbers, and the creator's approval: no single payment rules them out

    @property
    def signals(self) -> int:
        near = bool(self._bands) and self._far >= 0
        return self._always + (self._uneven >= 0) + near + (not self._orders)

    def see(self, row: PaymentRow) -> None:
        if self._uneven >= 0 and not _is_round(row.value):
            self._uneven -= 1
        if self._bands and self._far >= 0:
            amount = Decimal(row.base or "0")
            self._far -= not any(floor <= amount < limit for floor, limit in self._bands)
        self._orders = self._orders or any(i.po is not None for i in row.invoices)


def _stated(record: PayeeRecord) -> list[str]:
    """What the master data says."""
    flags = set(record.profile.flags)
    out = ["services only"] if "services_only" in flags else []
    return [*out, "post box or virtual office"] if flags & {"po_box", "virtual_office"} else out


def _seen(rows: list[PaymentRow], limits: list[Decimal], creator: str | None) -> Iterator[str]:
    """The signs that payments show, oldest first."""
    count = len(rows)
    if sum(_is_round(r.value) for r in rows) >= ROUND_SHARE * count:
        yield f"multiples of {ROUND}"
    if _consecutive(rows):
        yield "consecutive invoice numbers"
    if all(i.po is None for r in rows for i in r.invoices):
        yield "no purchase order"
    if any(len(just_under(rows, limit, float(NEAR_RATIO))) >= NEAR_SHARE * count for limit in limits):
        yield "just under a limit"
    if creator is not None and any(creator in r.approvers for r in rows):
        yield "approved by its creator"


@lru_cache(maxsize=4096)
def _is_round(value: str) -> bool:
    """Of the newest payments, which are asked about with each one that follows."""
    return not EXACT.remainder(Decimal(value), ROUND)


def _consecutive(rows: list[PaymentRow]) -> bool:
    """Whether trailing digits of invoice numbers go up one by one, often and long enough."""
    run: list[tuple[int, int]] = []
    for r in rows:
        for invoice in r.invoices:
            digits = invoice.normal[len(invoice.normal.rstrip("0123456789")) :]
            if not digits:
                continue
            number = int(digits)
            run = [*run, (number, r.time)] if run and number == run[-1][0] + 1 else [(number, r.time)]
            if len(run) >= RUN and r.time - run[0][1] >= RUN_DAYS * DAY:
                return True
    return False


def _finding(
    params: Params, id: str, row: PaymentRow, record: PayeeRecord, signals: list[str], payments: int
) -> Finding:
    return Finding(
        score=HIGH if len(signals) >= params.high_signals else MEDIUM,
        subject=("payee", id),
        title=f"{len(signals)} signs of a shell company",
        text=f"{len(signals)} of 7 signs over {payments} payments: {', '.join(signals)}.",
        observed={"signals": signals, "payments": payments},
        expected={"signals_below": params.medium_signals, "window_days": params.window_days},
        counterfactual=f"Fewer than {params.medium_signals} of these signs would not have fired.",
        cause=id,
        payments=((id, row.id),),
        display=record.profile.name,
    )


RULE = Rule(
    slug="shell-vendor",
    letter="B7",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord),
    sources=("Audit-analytics practice on shell vendors", "US DOJ, June 2025"),
    fires=("three-signs", "five-signs", "consecutive-numbers-over-60-days"),
    silent=("two-signs", "three-signs-in-four-payments", "consecutive-numbers-over-less-than-60-days"),
    about_amount=True,
    pays="vendor",
)
