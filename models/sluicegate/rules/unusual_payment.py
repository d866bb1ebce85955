"""A payment is unlike what is usual for this payee, its peers, its run, this tenant.

Signals compare the payment with the past: amount, repeats, limits, cost centre, silence, accounts, run. Each is
calibrated online to a p-value on the tenant's own stream, the p-values are combined, and the combination is calibrated
again; the score is -ln p. The most unusual payments are reported, as many as the budget allows; very small p-values
always are. Models score before they learn, and do not learn from payments that are held back.

Evidence: the signals that carry the score, in words with the numbers behind them (what was paid, what is usual, over
how many payments), the p-value, the payments of the stream so far.

False positives: new services, price changes, one-off projects: an allow entry for the payee, or a verdict.

Next step: compare with the contract or order; ask the owner of the cost centre.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from sluicegate.detection.advice import told
from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.anomaly import (
    MODEL,
    MOST_DEVIATIONS,
    MOST_SURPRISE,
    Assessment,
    assess,
    is_reported,
    model_of,
    over_budget_threshold,
    score_without,
    stream_of,
)
from sluicegate.detection.feedback_records import FeedbackRecord
from sluicegate.detection.records import AccountLinks, PayeeRecord, PaymentRow, StreamModel
from sluicegate.detection.view import View
from sluicegate.rules.base import LOW, MEDIUM, Count, Finding, NotEvaluable, Result, Rule, RuleParams, Share
from sluicegate.signals.amount import AmountHistory
from sluicegate.signals.registry import VERSION
from sluicegate.signals.words import money, one_in
from sluicegate.wire.events import Payment

SAID = 0.1
"""Share of the score from which a signal is told of."""
NOTICE = 10
MEASURES = {
    "score": ("The combined score", MOST_SURPRISE),
    "amount": ("How far amounts lie above the usual, in usual deviations,", MOST_DEVIATIONS),
    "alert rate": ("The share reported", 1.0),
}
"""What drift detectors watch, in words, and the unit of their means."""
QUARTERS = 4


class Params(RuleParams, frozen=True):
    budget_share: Annotated[Share, Meta(description="share of the stream's payments that may be reported")] = 0.002
    daily_cap: Annotated[Count | None, Meta(description="most findings a local date, vendors; empty: none")] = None
    run_cap: Annotated[Count | None, Meta(description="most findings a run, payroll; empty: none")] = None
    medium_p: Annotated[Share, Meta(description="p-value below which a finding is medium")] = 0.00001
    warm_up: Annotated[Count, Meta(description="payments of the stream before the first finding")] = 500


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    found = assess(view)
    notices = _notices(view, stream_of(row.payroll), found, params)
    if found.count < params.warm_up:
        return (*notices, NotEvaluable("warm_up"))
    if not is_reported(view, found, params):
        return notices
    return (*notices, _finding(view, data.payee.payee_id, row, found, params))


def _finding(view: View, id: str, row: PaymentRow, found: Assessment, params: Params) -> Finding:
    title, said, observed, expected = _explain(found)
    main = next(iter(found.parts), AmountHistory.NAME)
    without = score_without(view, found, main)
    by_verdicts, weighed, taught = told(found.advice, found.plain, found.score)
    return Finding(
        score=MEDIUM if found.p < params.medium_p else LOW,
        subject=("payee", id),
        title=title,
        text=f"{money(row.value, row.currency)}: {said}. About {one_in(found.p)} is as unusual "
        f"(p = {found.p:.2g}, {found.count:,} payments of the stream seen).{by_verdicts}",
        observed=observed
        | {
            "p": float(f"{found.p:.6g}"),
            "score": round(found.score, 3),
            "shares": {name: round(share, 4) for name, share in found.parts.items()},
            "stream_payments": found.count,
        }
        | weighed,
        expected=expected | {"score_at_most": round(over_budget_threshold(found, params), 3)},
        counterfactual=f"Without the signal {main} the score -ln p would have been {without:.1f} instead of "
        f"{found.score:.1f}; reported is what exceeds {over_budget_threshold(found, params):.1f}.",
        payments=((id, row.id),),
        models={MODEL: VERSION} | taught,
        display=view.known(id).profile.name,
        joins_payee_alert=True,
    )


def _explain(found: Assessment) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """Title, words, observed and expected: of the signals that carry the score, and always of the amount."""
    names = [name for name, share in found.parts.items() if share >= SAID]
    observed: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    said = []
    for name in dict.fromkeys((*names, AmountHistory.NAME)):
        words, seen, usual = found.signal(name).explain(found.x)
        observed, expected = seen | observed, usual | expected
        said.append(f"{words} ({found.parts[name]:.0%} of the score)" if name in names else f"the amount is {words}")
    title = found.signal(names[0] if names else AmountHistory.NAME).TITLE
    return title, "; ".join(said), observed, expected


def _notices(view: View, stream: str, found: Assessment, params: Params) -> list[Finding]:
    """What the tenant should know of the model itself: how far it has learned, and that the stream has changed."""
    out = []
    if 0 < found.count <= params.warm_up and found.count in _quarters(params.warm_up):
        text = learning(stream, found.count, params.warm_up)
        seen = {"payments": found.count}
        cause = f"{stream}\nwarm-up\n{found.count}"
        out.append(_notice(view, cause, "The model learns", text, seen, {"payments": params.warm_up}))
    model = model_of(view, stream)
    for measure, (before, after, since) in model.news.items() if model is not None else ():
        what, unit = MEASURES[measure]
        text = (
            f"{what} of {stream} payments changed on average from {before * unit:.3g} to {after * unit:.3g}, "
            f"{since:,} payments ago."
        )
        cause = f"{stream}\n{measure}\n{found.count}"
        now, then = {"mean": round(after, 6)}, {"mean": round(before, 6)}
        out.append(_notice(view, cause, "The stream has changed", text, now, then))
    return out


@lru_cache(maxsize=64)
def _quarters(warm_up: int) -> tuple[int, ...]:
    return tuple(warm_up * n // QUARTERS for n in range(1, QUARTERS + 1))


def learning(stream: str, count: int, warm_up: int) -> str:
    """How far a stream's model has learned.

    >>> learning("vendor", 312, 500)
    'Vendor payments: learning, 312 of 500 payments.'
    """
    state = "learned" if count >= warm_up else "learning"
    return f"{stream.capitalize()} payments: {state}, {min(count, warm_up):,} of {warm_up:,} payments."


def _notice(view: View, cause: str, title: str, text: str, seen: dict[str, Any], usual: dict[str, Any]) -> Finding:
    return Finding(
        score=NOTICE,
        subject=("tenant", view.state.tenant),
        title=title,
        text=text,
        observed=seen,
        expected=usual,
        counterfactual="",
        action="none",
        cause=cause,
        models={MODEL: VERSION},
        notice=True,
    )


RULE = Rule(
    slug="unusual-payment",
    letter="X2",
    family="anomaly",
    params=Params,
    on={Payment: check},
    reads=(StreamModel, PayeeRecord, AlertRecord, AccountLinks, FeedbackRecord),
    sources=("Wolfsberg Group statements on effective monitoring, 2024 and 2025",),
    fires=("amount-twenty-times-the-usual", "amount-a-twentieth-above-all-others"),
    silent=("steady-amounts", "one-payment-short-of-the-warm-up", "amount-a-hundredth-above-all-others"),
    about_amount=True,
)
