"""Pay runs: who was paid what against their baseline, and what rules make of it when the run closes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sluicegate.detection.amounts import EXACT, median
from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.guard import guarded
from sluicegate.detection.records import PaymentRow, RunChunk, RunRecord, RunRow
from sluicegate.detection.roster import headcount, note_worker
from sluicegate.detection.view import RunView, View
from sluicegate.rules.base import Finding, Result, Rule

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.wire.events import Payment

REMEMBERED = 35 * DAY
"""After its close, for payments that reopen it."""
CHUNK_ROWS = 200
MAD_TO_SIGMA = 1.4826
"""Makes the median absolute deviation of a normal sample estimate its standard deviation."""
LEAST_SPREAD = 0.05


def against_baseline(view: View, payee: str, payment: Payment, row: PaymentRow) -> RunRow | None:
    """The regular part of a payroll payment against those of the baseline; None if it has none."""
    if row.regular is None:
        return None
    parts = [Decimal(r.regular) for r in view.baseline(payee, row.currency, row.time) if r.regular is not None]
    history = [part for part in parts if part > 0]
    out = RunRow(payee, row.id, row.ref, row.time, row.regular, row.currency, len(history))
    x = Decimal(row.regular)
    if not history or x <= 0:
        return out
    middle = median(history)
    logs = [math.log(h) for h in history]
    center = _median(logs)
    spread = _median([abs(v - center) for v in logs])
    out.median = format(middle, "f")
    out.ratio = float(EXACT.divide(x, middle))
    out.z = (math.log(x) - center) / max(MAD_TO_SIGMA * spread, LEAST_SPREAD)
    difference = EXACT.subtract(x, middle)
    if row.currency != view.policy.base_currency and row.base is not None and Decimal(row.value):
        difference = EXACT.divide(EXACT.multiply(difference, Decimal(row.base)), Decimal(row.value))
    out.difference_base = format(difference, "f")
    return out


def note_pay(view: View, payment: Payment, row: PaymentRow) -> None:
    """Enter a payroll payment into its run, which then waits six hours for more."""
    if row.run_id is None or row.slip is None:
        return
    payee = payment.payee.payee_id
    entry = against_baseline(view, payee, payment, row)
    if entry is None:
        entry = RunRow(payee, row.id, row.ref, row.time, "0", row.currency)
    run = view.state.edit(RunRecord, row.run_id)
    if run is None:
        slip = row.slip
        run = RunRecord(first=row.time, run_type=slip.run_type, group=slip.group, first_day=slip.first_day)
        view.state.put(row.run_id, run)
    run.first = min(run.first, row.time)
    run.last = max(run.last, row.time)
    run.due, run.closed = run.last + view.policy.param("pay-spike", "close_hours") * HOUR, False
    view.state.schedule(RunRecord.KIND, row.run_id, run.due)
    if view.policy.roster:
        note_worker(view, payee, run, row, entry)
    key = f"{row.run_id}\n{run.rows // CHUNK_ROWS}"
    chunk = view.state.edit(RunChunk, key)
    if chunk is None:
        chunk = RunChunk()
        view.state.put(key, chunk)
    chunk.rows.append(entry)
    run.rows += 1


def close_run(
    state: State, policy: Policy, run_id: str, rules: Iterable[Rule], failed: Callable[[Rule, Exception], None]
) -> Iterator[tuple[Rule, Result]]:
    """Let the rules look at a run that closes; a run that closed long ago is forgotten."""
    run = state.edit(RunRecord, run_id)
    assert run is not None
    keys = [f"{run_id}\n{n}" for n in range(-(-run.rows // CHUNK_ROWS))]
    if run.closed:
        for key in keys:
            state.delete(RunChunk, key)
        state.delete(RunRecord, run_id)
        return
    run.closed, run.due = True, run.last + REMEMBERED
    state.schedule(RunRecord.KIND, run_id, run.due)
    rows = [row for key in keys for row in (state.edit(RunChunk, key) or RunChunk()).rows]
    by_payment = {(row.payee, row.payment_id): row for row in rows}
    view = RunView(run_id, rows, policy, run, headcount(state, policy, run, rows) if policy.roster else None)
    run.payees = len({row.payee for row in rows})
    run.unknown = len(view.headcount.unknown) if view.headcount is not None else 0
    for rule in rules:
        if rule.at_close is not None and policy.mode(rule.slug) != "off":
            check = partial(rule.at_close, view, policy.params(rule, rule.params))
            for result in guarded(rule, check, failed):
                if isinstance(result, Finding) and result.payments and result.subject[0] != "run":
                    row = by_payment.get(result.payments[0])
                    if row is not None and result.score <= row.reported.get(rule.slug, -1):
                        continue
                    if row is not None:
                        row.reported[rule.slug] = result.score
                yield rule, result


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
