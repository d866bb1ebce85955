"""The tenant's models around `unusual-payment`: score before learning, calibrate, combine, hold the budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection import budget
from sluicegate.detection.advice import ADVISED, Advice, advise, remember
from sluicegate.detection.features import features
from sluicegate.detection.habits import pack, unpack
from sluicegate.detection.records import PayeeRecord, StreamModel
from sluicegate.signals.amount import AmountHistory
from sluicegate.signals.base import PAYROLL, VENDOR, Signal, X
from sluicegate.signals.calibration import learn as count
from sluicegate.signals.calibration import nearer, p_value
from sluicegate.signals.combination import combine
from sluicegate.signals.drift import observe
from sluicegate.signals.registry import ON, VERSION

if TYPE_CHECKING:
    from sluicegate.detection.view import View
    from sluicegate.rules.unusual_payment import Params

MODEL = "unusual-payment"
MAX_CURRENCIES = 16
COMBINED = "combined"
FAR, FAR_COMBINED = 50.0, 8.0
"""Mean excesses beyond the start of the tail at which a suspect payment's scores are counted. A signal that is hardly
ever met must stay as rare as it is, so that those are cut far out only."""
PULL = 0.1
"""Most that one suspect payment adds to the combination's mean excess: in a small stream a few would make the tail."""
FIRST_PART = 5
"""The first fifth of the warm-up is for the signals' own calibration, the rest for that of their combination: scores
combined before would stay its highest for thousands of payments, and hide all that comes."""
MOST_SURPRISE, MOST_DEVIATIONS = 10.0, 5.0
"""Of the combination, and of the amount, as the drift detectors see them (in units of which they are shares)."""
SIGNALS_ON = {
    stream: tuple((kind, kind.NAME, kind.WEIGHT, None if kind.LEARNS else kind()) for kind in kinds)
    for stream, kinds in ON.items()
}
"""Each kind of signal with its name and weight; if it keeps nothing, with the one object that does for all payments."""
LEARNERS = {
    stream: tuple((at, kind.NAME) for at, kind in enumerate(kinds) if kind.LEARNS) for stream, kinds in ON.items()
}
"""Of the signals that keep something: their place among a stream's, and their name."""
PLACES = {stream: kinds.index(AmountHistory) for stream, kinds in ON.items()}
"""Of the amount's signal among a stream's."""
SPAN = {VENDOR: 1, PAYROLL: 28}
"""Days of which drift detectors see the mean: pay groups take turns within a month."""


class Assessment(msgspec.Struct, frozen=True):
    """How unusual a payment is before any budget or policy: score = -ln p, and each signal's share of it."""

    score: float
    p: float
    parts: dict[str, float]
    """Share of the score, by signal, the largest first."""
    count: int
    """Payments that the tenant's stream had seen."""
    threshold: float | None
    used: int
    """Findings of this day or run so far."""
    allowance: float
    """Findings that the budget allows in this run."""
    x: X
    signals: tuple[Signal, ...]
    raws: tuple[float, ...]
    surprises: dict[str, float]
    """-ln p by signal, weighted."""
    combined: float
    """Of all surprises, before it is calibrated itself."""
    period: str
    advice: Advice | None
    """What verdicts say of it; None before the first one."""
    plain: float
    """The score without verdicts; the same as `score` unless they are in use."""

    def signal(self, name: str) -> Signal:
        return next(signal for signal in self.signals if name == signal.NAME)


def assess(view: View) -> Assessment:
    """Score the whole payment of the view; changes nothing."""
    if view.assessment is None:
        view.assessment = _assess(view)
    return view.assessment


def _assess(view: View) -> Assessment:
    row, data = view.facts.row, view.data
    assert row is not None
    stream = stream_of(row.payroll)
    model = model_of(view, stream) or StreamModel()
    record = view.known(data.payee.payee_id)
    held = unpack(stream, record.habits.get(_key(row.payroll, row.currency), b""))
    kept, common = held.get, model.common.get
    kinds, all_bins = SIGNALS_ON[stream], model.bins.get
    signals = tuple([one or kind(kept(kind), common(name)) for kind, name, _, one in kinds])
    history = signals[PLACES[stream]]
    assert isinstance(history, AmountHistory)
    x = features(view, data, row, history.history()[0])
    raws: list[float] = []
    surprises: dict[str, float] = {}
    for signal, (_, name, weight, _) in zip(signals, kinds, strict=True):
        raw = signal.score_one(x)
        raws.append(raw)
        if raw > 0 and (bins := all_bins(name)) is not None:
            surprises[name] = max(0.0, -math.log(p_value(bins, raw) / weight))
    combined, parts = combine(surprises)
    parts = parts or {AmountHistory.NAME: 1.0}
    plain = p_value(all_bins(COMBINED, []), combined)
    advice = advise(view.state, stream, combined, parts, plain)
    p = _ranked(model, plain, advice)
    period = row.run_id if row.payroll and row.run_id is not None else str(x["date"])
    return Assessment(
        score=-math.log(p),
        p=p,
        parts=parts,
        count=model.count,
        threshold=model.threshold if model.count else None,
        used=model.used.get(period, 0),
        allowance=math.inf,
        x=x,
        signals=signals,
        raws=tuple(raws),
        surprises=surprises,
        combined=combined,
        period=period,
        advice=advice,
        plain=-math.log(plain),
    )


def over_budget_threshold(found: Assessment, params: Params) -> float:
    """The threshold that the score is held against."""
    return budget.first_threshold(params.budget_share) if found.threshold is None else found.threshold


def is_reported(view: View, found: Assessment, params: Params) -> bool:
    """Whether warm-up, budget and caps let the payment be reported."""
    row = view.facts.row
    assert row is not None
    cap = params.run_cap if row.payroll else params.daily_cap
    if found.count < params.warm_up or (cap is not None and found.used >= cap):
        return False
    if found.p < params.medium_p:
        return True
    if found.score <= over_budget_threshold(found, params):
        return False
    if not row.payroll or row.run_id is None:
        return True
    model = model_of(view, PAYROLL) or StreamModel()
    return found.used < budget.run_allowance(model.sizes, params.budget_share)


def score_without(view: View, found: Assessment, name: str) -> float:
    """The score that the payment would have without one signal."""
    row = view.facts.row
    assert row is not None
    stream = stream_of(row.payroll)
    model = model_of(view, stream) or StreamModel()
    others = {key: value for key, value in found.surprises.items() if key != name}
    combined, parts = combine(others)
    plain = p_value(model.bins.get(COMBINED, []), combined)
    return abs(math.log(_ranked(model, plain, advise(view.state, stream, combined, parts, plain))))


def _ranked(model: StreamModel, plain: float, advice: Advice | None) -> float:
    """The p-value that a payment is ranked by: with the verdicts' evidence, calibrated by itself, once it is in use."""
    if advice is None or not advice.in_use:
        return plain
    return p_value(model.bins.get(ADVISED) or model.bins.get(COMBINED, []), advice.combined)


def learn(view: View, params: Params, *, fired: bool) -> None:
    """Let calibration, threshold and drift detector see the score, and the signals the payment unless held back."""
    row = view.facts.row
    assert row is not None
    found = assess(view)
    fired = fired and is_reported(view, found, params)
    stream = stream_of(row.payroll)
    model = view.state.edit(StreamModel, stream)
    if model is None or model.version != VERSION:
        model = StreamModel(version=VERSION, threshold=budget.first_threshold(params.budget_share))
        view.state.put(stream, model)
    model.count += 1
    model.threshold = budget.moved(model.threshold, found.score, params.budget_share)
    if fired:
        budget.count(model.used, found.period)
    if row.payroll:
        budget.count(model.sizes, found.period)
    _watch(model, found, fired, params)
    held_back = view.held_back(row, view.time)
    suspect = fired or held_back
    _calibrate(model, found, suspect=suspect)
    if model.count > params.warm_up // FIRST_PART:
        over = found.threshold is not None and found.score > found.threshold
        _calibrate_combined(model, found, suspect=suspect or over)
    if not held_back:
        _take_in(view, model, found)
    if MODEL in view.raised:
        remember(view.state, view.ref, view.clock, stream, found.combined, found.parts, found.advice)


def _calibrate(model: StreamModel, found: Assessment, *, suspect: bool) -> None:
    """Count the signals' scores; those of a suspect payment no farther out than the tail reaches anyway."""
    every = model.bins
    for (_, name, _, _), raw in zip(SIGNALS_ON[found.x["stream"]], found.raws, strict=True):
        bins = every.get(name)
        if bins is None:
            bins = every[name] = []
        count(bins, nearer(bins, raw, FAR) if suspect and raw > 0 else raw)


def _calibrate_combined(model: StreamModel, found: Assessment, *, suspect: bool) -> None:
    """Count the combined score, with the verdicts' evidence and without."""
    bins = model.bins.setdefault(COMBINED, [])
    if found.advice is not None:
        advised = model.bins.setdefault(ADVISED, list(bins))
        score = found.advice.combined
        count(advised, nearer(advised, score, FAR_COMBINED, PULL) if suspect else score)
    count(bins, nearer(bins, found.combined, FAR_COMBINED, PULL) if suspect else found.combined)


def _take_in(view: View, model: StreamModel, found: Assessment) -> None:
    row = view.facts.row
    assert row is not None
    x = found.x
    for at, name in LEARNERS[x["stream"]]:
        signal = found.signals[at]
        signal.common = model.common.setdefault(name, {})
        signal.learn_one(x)
    record = view.state.edit(PayeeRecord, view.data.payee.payee_id)
    assert record is not None
    key = _key(row.payroll, row.currency)
    if len(record.habits) < MAX_CURRENCIES or key in record.habits:
        record.habits[key] = pack(stream_of(row.payroll), found.signals)


def _watch(model: StreamModel, found: Assessment, fired: bool, params: Params) -> None:
    """Tell the drift detectors of the payment; what they find is told with the next one.

    Scores are calibrated on what came before, so that a change of all payments passes through them in some days; how
    far amounts lie above the usual ones tells of it for longer.
    """
    if model.news:
        model.news = {}
    if model.count <= params.warm_up:
        return
    day, span = found.x["date"].toordinal(), SPAN[found.x["stream"]]
    above = found.raws[PLACES[found.x["stream"]]]
    for measure, value in (
        ("score", min(found.combined / MOST_SURPRISE, 1.0)),
        ("amount", min(above / MOST_DEVIATIONS, 1.0)),
        ("alert rate", float(fired)),
    ):
        drift = observe(model.windows.setdefault(measure, []), value, day, span)
        if drift is not None:
            model.news[measure] = drift


def model_of(view: View, stream: str) -> StreamModel | None:
    """The tenant's model of a stream; None where there is none of these signals' version."""
    model = view.state.get(StreamModel, stream)
    return model if model is not None and model.version == VERSION else None


def stream_of(payroll: bool) -> str:
    return PAYROLL if payroll else VENDOR


def _key(payroll: bool, currency: str) -> str:
    return f"{'p' if payroll else 'v'}{currency}"
