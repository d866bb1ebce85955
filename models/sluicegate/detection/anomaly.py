"""The tenant's models around `unusual-payment`: score before learning, calibrate, hold the budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.detection.records import PayeeRecord, StreamModel
from sluicegate.signals import calibration
from sluicegate.signals.amount import EMPTY, AmountHistory

if TYPE_CHECKING:
    from sluicegate.detection.view import View
    from sluicegate.rules.unusual_payment import Params

MODEL = "unusual-payment"
VERSION = AmountHistory.VERSION
MAX_DAYS = 32
MAX_CURRENCIES = 16
STEP = 0.05
"""How far the threshold moves after each payment, in units of the score (quantile tracking by stochastic gradient)."""


class Assessment(msgspec.Struct, frozen=True):
    """How unusual a payment is before any budget or policy: score = -ln p, and each signal's share of it."""

    score: float
    p: float
    parts: dict[str, float]
    signal: AmountHistory
    x: dict[str, Any]
    """The features that the signal saw."""
    count: int
    """Payments that the tenant's stream had seen."""
    over_threshold: bool
    used: int
    """Findings that the cap of this day or run has already counted."""
    raw: float


def assess(view: View) -> Assessment:
    """Score the whole payment of the view; changes nothing."""
    if view.assessment is None:
        view.assessment = _assess(view)
    return view.assessment


def _assess(view: View) -> Assessment:
    row = view.facts.row
    assert row is not None
    model = view.state.get(StreamModel, _stream(row.payroll)) or StreamModel()
    signal = _signal(view, model)
    x = {"amount": float(row.value), "value": row.value, "currency": row.currency}
    raw = signal.score_one(x)
    p = calibration.p_value(model.bins, raw)
    score = -math.log(p)
    used = model.used.get(_day(view), 0)
    return Assessment(score, p, {"amount-history": 1.0}, signal, x, model.count, score > model.threshold, used, raw)


def learn(view: View, params: Params, *, fired: bool) -> None:
    """Let calibration and threshold see the score, and the history the amount, unless the payment is held back."""
    row = view.facts.row
    assert row is not None
    found = assess(view)
    payee_id = view.event.data.payee.payee_id  # type: ignore[union-attr]
    stream = _stream(row.payroll)
    model = view.state.edit(StreamModel, stream)
    if model is None:
        model = StreamModel(version=VERSION)
        view.state.put(stream, model)
    model.count += 1
    model.threshold = max(
        0.0, model.threshold + STEP * ((found.score > model.threshold) - params.budget_share) / _scale(params)
    )
    calibration.learn(model.bins, found.raw)
    if fired:
        day = _day(view)
        model.used[day] = model.used.get(day, 0) + 1
        while len(model.used) > MAX_DAYS:
            del model.used[next(iter(model.used))]
    if view.held_back(row, view.time):
        return
    signal = _signal(view, model)
    signal.learn_one({"amount": float(row.value)})
    record = view.state.edit(PayeeRecord, payee_id)
    assert record is not None
    if len(record.amounts) < MAX_CURRENCIES or _key(row.payroll, row.currency) in record.amounts:
        record.amounts[_key(row.payroll, row.currency)] = signal.own
    if len(model.peers) < 4 * MAX_CURRENCIES or row.currency in model.peers:
        model.peers[row.currency] = signal.peers


def _scale(params: Params) -> float:
    """Payments over the threshold are rare: scaled so, a step up stays near half a unit of the score."""
    return max(params.budget_share * 10, 0.05)


def _signal(view: View, model: StreamModel) -> AmountHistory:
    row = view.facts.row
    assert row is not None
    record = view.payee(view.event.data.payee.payee_id)  # type: ignore[union-attr]
    own = record.amounts.get(_key(row.payroll, row.currency), EMPTY) if record is not None else EMPTY
    return AmountHistory(own, model.peers.get(row.currency, EMPTY))


def _stream(payroll: bool) -> str:
    return "payroll" if payroll else "vendor"


def _key(payroll: bool, currency: str) -> str:
    return f"{'p' if payroll else 'v'}{currency}"


def _day(view: View) -> str:
    row = view.facts.row
    assert row is not None
    if row.payroll and row.run_id is not None:
        return row.run_id
    return str(view.policy.calendar.local_date(row.time))
