"""An amount has digits that its currency does not know, or the sums of a file did not agree.

Yen have no decimals, dinars of Kuwait three: a digit beyond that is a fault of conversion, and the sum may be wrong
by a factor of a hundred.

Evidence: the amount as sent, its decimals beside those of the currency, the control of the batch.

False positives: none known; zeros at the end do not count.

Next step: fix the producer.
"""

from collections.abc import Iterator

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.currencies import exponent
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.events import Payment, PayoutRequest


class Params(RuleParams, frozen=True):
    """Nothing to set."""


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayoutRequest = view.data
    allowed = exponent(data.amount.currency)
    batch = data.batch if isinstance(data, Payment) else None
    used = len(data.amount.value.partition(".")[2].rstrip("0"))
    if allowed is not None and used <= allowed and batch is None:
        return
    faults = []
    if allowed is None:
        yield NotEvaluable("amount.currency")
    elif used > allowed:
        faults.append(f"{data.amount.value} has {used} decimals where {data.amount.currency} has {allowed}")
    if batch is not None and batch.control == "mismatch":
        faults.append("the control sum of its file differs")
    if not faults:
        return
    id = data.payee.payee_id
    yield Finding(
        score=ALERT_LEVEL,
        subject=("payee", id),
        title="An amount cannot be right",
        text=f"A fault of the producer: {' and '.join(faults)}.",
        observed={
            "amount": {"value": data.amount.value, "currency": data.amount.currency},
            "decimals": used,
            "control": batch.control if batch is not None else None,
        },
        expected={"decimals_at_most": allowed, "control": "ok"},
        counterfactual="An amount in the units of its currency, in a file whose sums agree, would be silent.",
        action="none",
        cause=f"payee\n{id}",
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        requests=((id, view.ref),) if isinstance(data, PayoutRequest) else (),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="amount-mismatch",
    letter="Q4",
    family="quality",
    params=Params,
    on={Payment: check, PayoutRequest: check},
    reads=(PayeeRecord, AlertRecord),
    sources=("ISO 4217",),
    fires=("yen-with-cents", "dollars-with-three-decimals", "file-whose-sums-differ"),
    silent=("yen-with-zeros", "dinars-with-three-decimals", "file-whose-sums-agree"),
)
