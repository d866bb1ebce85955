"""Payments to workers whom the roster does not show at work: looked at once more when the HR system had its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from sluicegate.detection.calendar import HOUR
from sluicegate.detection.guard import guarded
from sluicegate.detection.pay_records import RecheckRecord
from sluicegate.detection.records import PayeeRecord, PaymentRow, RunRecord
from sluicegate.detection.roster import hired, left
from sluicegate.detection.view import Past, PayView
from sluicegate.rules.base import Result, Rule

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.detection.view import View


def watch_pay(view: View, payee: str, row: PaymentRow) -> None:
    """See to it that a payment is looked at again, if no hire of the worker is known or they left."""
    record = view.known(payee)
    unknown = view.policy.roster and record.profile.kind == "employee" and not hired(record)
    if row.slip is not None and (unknown or left(record) is not None):
        _schedule(view, payee, row)


def watch_leaver(view: View, payee: str, record: PayeeRecord) -> None:
    """A worker left: payments that are not decided yet are looked at again too."""
    if left(record) is not None:
        for row in record.rows:
            if row.slip is not None and _due(view, row) > view.clock:
                _schedule(view, payee, row)


def _due(view: View, row: PaymentRow) -> int:
    hours: int = view.policy.param("ghost-worker", "recheck_hours")
    return row.time + hours * HOUR


def _schedule(view: View, payee: str, row: PaymentRow) -> None:
    id, due = f"{payee}\n{row.id}", _due(view, row)
    view.state.put(id, RecheckRecord(payee, row.id, due))
    view.state.schedule(RecheckRecord.KIND, id, due)


def recheck(
    state: State, policy: Policy, id: str, rules: Iterable[Rule], failed: Callable[[Rule, Exception], None]
) -> Iterator[tuple[Rule, Result]]:
    """Let the rules look at a payment with all that is known of the worker by now."""
    held = state.get(RecheckRecord, id)
    assert held is not None
    state.delete(RecheckRecord, id)
    past = Past(state)
    record, row = past.payee(held.payee), past.find_row(held.payee, held.payment)
    if record is None or row is None:
        return
    run = state.get(RunRecord, row.run_id) if row.run_id is not None else None
    view = PayView(held.payee, record, row, _paid_in_another_run(past, held.payee, row), run, policy)
    for rule in rules:
        if rule.at_recheck is not None and policy.mode(rule.slug) != "off":
            check = partial(rule.at_recheck, view, policy.params(rule, rule.params))
            for result in guarded(rule, check, failed):
                yield rule, result


def _paid_in_another_run(past: Past, payee: str, row: PaymentRow) -> bool:
    return row.run_id is not None and any(
        other.run_id not in (None, row.run_id) and other.time <= row.time for other in past.rows(payee)
    )
