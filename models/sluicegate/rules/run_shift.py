"""A pay run is not what the roster lets expect: padded, short, or with people on it whom nobody hired.

The sum of the run's regular pay is compared with what the workers of its pay group usually get. New hires are
explained by the roster. Apart from that, employees of whom no hire is known are counted.

Evidence: total and expected total of the run, the unexplained share, the workers nobody hired, the largest
contributors.

False positives: a raise for everybody, a merger of pay groups, a roster feed that lags behind.

Next step: compare the head count with HR before release.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT, rounded
from sluicegate.detection.pay_records import RosterRecord
from sluicegate.detection.records import BlockRecord, PayeeRecord, RunRecord, RunRow
from sluicegate.detection.view import Headcount, RunView
from sluicegate.rules.base import (
    MEDIUM,
    Amount,
    Count,
    Entity,
    Finding,
    NotEvaluable,
    Result,
    Rule,
    RuleParams,
    Share,
)

LARGEST = 5
"""Contributors to the difference that are named."""
MOST_UNKNOWN = 200


class Params(RuleParams, frozen=True):
    share: Annotated[Share, Meta(description="share of the expected sum that may be unexplained")] = 0.10
    min_difference: Annotated[Amount, Meta(description="unexplained difference that is too small")] = "5000"
    unknown_share: Annotated[Share, Meta(description="share of the run's payees who may be unknown")] = 0.02
    unknown_min: Annotated[Count, Meta(description="fewest unknown employees that count")] = 2


def at_close(run: RunView, params: Params) -> Iterator[Result]:
    """The whole run, once it is closed."""
    if run.run.run_type is not None:
        return
    if run.headcount is None:
        yield NotEvaluable("policy.roster")
        return
    told: list[str] = []
    observed: dict[str, Any] = {"payees": run.run.payees}
    expected: dict[str, Any] = {}
    counterfactual: list[str] = []
    for result in (_sums(run, run.headcount, params), _strangers(run, run.headcount, params)):
        if isinstance(result, NotEvaluable):
            yield result
        elif result is not None:
            text, seen, usual, without = result
            told.append(text)
            counterfactual.append(without)
            observed |= seen
            expected |= usual
    if told:
        yield _finding(run, run.headcount, "; ".join(told), observed, expected, " and ".join(counterfactual))


Told = tuple[str, dict[str, Any], dict[str, Any], str]


def _sums(run: RunView, heads: Headcount, params: Params) -> Told | NotEvaluable | None:
    """The run's sum against that of the expected workers."""
    if heads.lacking is not None:
        return NotEvaluable(heads.lacking)
    expected = _sum(heads.usual.values())
    if expected <= 0 or 2 * heads.mature < len(heads.usual):
        return NotEvaluable("expected_workers")
    total = _sum(Decimal(row.base) for row in run.rows if row.base is not None and row.payee not in heads.fresh)
    rest = EXACT.subtract(total, expected)
    most = EXACT.multiply(Decimal(str(params.share)), expected)
    if abs(rest) <= most or abs(rest) <= Decimal(params.min_difference):
        return None
    share = EXACT.divide(rest, expected)
    text = (
        f"the run pays {rounded(total)}; {rounded(expected)} was expected of {len(heads.usual)} workers ({share:+.0%})"
    )
    seen = {
        "total": rounded(total),
        "unexplained": rounded(rest),
        "unexplained_share": round(float(share), 4),
        "largest": _largest(run, heads),
    }
    usual = {"total": rounded(expected), "workers": len(heads.usual), "unexplained_share_at_most": params.share}
    return text, seen, usual, f"with at most {rounded(max(most, Decimal(params.min_difference)))} unexplained"


def _sum(values: Any) -> Decimal:
    out = Decimal(0)
    for value in values:
        out = EXACT.add(out, value or Decimal(0))
    return out


def _largest(run: RunView, heads: Headcount) -> list[dict[str, str]]:
    """Who differs most from what was expected of them."""
    rest: dict[str, Decimal] = {payee: -(usual or Decimal(0)) for payee, usual in heads.usual.items()}
    for row in run.rows:
        if row.base is not None and row.payee not in heads.fresh:
            rest[row.payee] = EXACT.add(rest.get(row.payee, Decimal(0)), Decimal(row.base))
    first = sorted(rest.items(), key=lambda item: (-abs(item[1]), item[0]))[:LARGEST]
    return [{"payee": payee, "difference": rounded(value)} for payee, value in first if value]


def too_many_unknown(run: RunRecord, params: Params) -> bool:
    """Whether so many employees of a closed run are unknown that it is the run's matter."""
    share = Decimal(str(params.unknown_share))
    return run.unknown >= params.unknown_min and run.unknown >= share * run.payees


def _strangers(run: RunView, heads: Headcount, params: Params) -> Told | None:
    """Employees in the run of whom no hire is known."""
    if not too_many_unknown(run.run, params):
        return None
    return (
        f"no hire is known of {run.run.unknown} employees among {run.run.payees} payees",
        {"unknown": run.run.unknown, "unknown_payees": heads.unknown[:MOST_UNKNOWN]},
        {"unknown_below": max(float(params.unknown_min), params.unknown_share * run.run.payees)},
        "with their hires in the roster",
    )


def _finding(
    run: RunView, heads: Headcount, text: str, observed: dict[str, Any], expected: dict[str, Any], without: str
) -> Finding:
    rows = sorted(run.rows, key=_order)
    unknown = frozenset(heads.unknown) if "unknown" in observed else frozenset()
    return Finding(
        score=MEDIUM,
        subject=("run", run.run_id),
        title="A pay run is not what the roster lets expect",
        text=f"{text[0].upper()}{text[1:]}.",
        observed=observed,
        expected=expected,
        counterfactual=f"{without[0].upper()}{without[1:]} it would be silent.",
        action="hold",
        cause=run.run_id,
        time=rows[-1].time,
        about=rows[-1].ref,
        events=tuple(row.ref for row in rows[:-1] if row.payee in unknown),
        payments=tuple((row.payee, row.payment_id) for row in rows),
        entities=tuple(Entity("payee", payee, "unknown") for payee in heads.unknown[:MOST_UNKNOWN] if payee in unknown),
    )


def _order(row: RunRow) -> tuple[int, str]:
    return row.time, row.ref


RULE = Rule(
    slug="run-shift",
    letter="C2",
    family="payroll",
    params=Params,
    on={},
    at_close=at_close,
    reads=(RunRecord, RosterRecord, PayeeRecord, BlockRecord, AlertRecord),
    sources=("Payroll audit practice: run total against head count",),
    fires=("a-tenth-more-and-a-cent", "two-unknown-employees"),
    silent=("a-tenth-more", "one-unknown-employee"),
)
