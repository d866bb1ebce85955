"""Around the models of unusual payments: when one may be reported, and what is remembered of those that were."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from sluicegate.detection.anomaly import MODEL, Assessment, assess, is_reported, score_without
from sluicegate.detection.feedback_records import ReportedRecord
from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition, Run
from sluicegate.detection.records import PayeeRecord, StreamModel
from sluicegate.detection.rows import row_of
from sluicegate.detection.view import View
from sluicegate.rules.unusual_payment import Params
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import Payment
from tests.scenarios.build import HOUR, START, Played, Tale
from tests.unit.detection.test_view import view_of

PARAMS = Params(warm_up=100, budget_share=0.1)


def viewed(who: str = "V1", **more: Any) -> View:
    """A first payment, as its rules see it."""
    t = Tale()
    t.pay(who, **more)
    view = view_of(t, HOUR)
    event = decode(t.lines[0])
    assert isinstance(event, Event)
    assert isinstance(event.data, Payment)
    view.event = event
    view.facts.row = row_of(view, event.data)
    return view


def found(view: View, **facts: Any) -> Assessment:
    """The payment's assessment, but for these facts of it."""
    usual: dict[str, Any] = {"count": 100, "threshold": 5.0, "score": 6.0, "p": 0.5, "used": 0}
    return msgspec.structs.replace(assess(view), **(usual | facts))


@pytest.mark.parametrize(
    ("facts", "reported"),
    [
        ({}, True),
        ({"count": 99}, False),
        ({"score": 5.0}, False),
        ({"score": 5.0, "p": PARAMS.medium_p}, False),
        ({"score": 5.0, "p": PARAMS.medium_p / 2}, True),
        ({"count": 99, "p": 0.0}, False),
    ],
)
def test_payment_is_reported_after_the_warm_up_beyond_the_threshold_or_where_it_is_very_rare(
    facts: dict[str, Any], reported: bool
) -> None:
    view = viewed()
    assert is_reported(view, found(view, **facts), PARAMS) is reported


@pytest.mark.parametrize(("cap", "used", "reported"), [(None, 99, True), (2, 1, True), (2, 2, False), (0, 0, False)])
def test_cap_of_the_day_holds_for_the_rarest_too(cap: int | None, used: int, reported: bool) -> None:
    view = viewed()
    params = msgspec.structs.replace(PARAMS, daily_cap=cap, run_cap=None)
    for p in (0.5, 0.0):
        assert is_reported(view, found(view, used=used, p=p), params) is reported
    view = viewed("E1", run="R")
    params = msgspec.structs.replace(PARAMS, daily_cap=None, run_cap=cap)
    assert is_reported(view, found(view, used=used, p=0.0), params) is reported


def test_budget_of_a_run_allows_one_finding_where_no_model_is_held() -> None:
    view = viewed("E1", run="R")
    view.state.delete(StreamModel, "payroll")
    params = msgspec.structs.replace(PARAMS, run_cap=None)
    assert is_reported(view, found(view, used=0), params)
    assert not is_reported(view, found(view, used=1), params)
    assert is_reported(view, found(view, used=1, p=0.0), params)
    view = viewed("E1")
    assert is_reported(view, found(view, used=1), params)


def test_score_without_a_signal_that_says_nothing_is_the_score() -> None:
    view = viewed()
    assert score_without(view, assess(view), "no-such-signal") == pytest.approx(assess(view).score)


@pytest.fixture(scope="module")
def worked() -> tuple[Run, Played]:
    """Payments to ten vendors, some of them many times the usual; none is reported while the model warms up."""
    t, rng = Tale(), random.Random(3)
    t.policy(rules={MODEL: {"params": {"warm_up": 100, "budget_share": 0.1}}})
    for n in range(260):
        odd = n > 100 and n % 20 == 0
        amount = rng.gauss(1000, 30) * (400 if odd else 1)
        t.pay(f"V{n % 10}", amount=f"{amount:.2f}", at=n * 5 * HOUR, invoice=f"N{n}")
    run = Partition().begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, START // 1000, None, line))
    return run, Played(run.outputs)


def test_payments_that_were_reported_wait_for_a_verdict_and_no_others(worked: tuple[Run, Played]) -> None:
    run, played = worked
    state = run.state("acme")
    refs = {ref for reason in played.reasons(MODEL) for ref in reason.told["event_ids"]}
    assert len(refs) >= 5
    assert {id.replace("\n", "#") for id in state.ids(ReportedRecord.KIND)} == refs


def test_drift_is_watched_after_the_warm_up_in_shares_of_one(worked: tuple[Run, Played]) -> None:
    run, _ = worked
    model = run.state("acme").get(StreamModel, "vendor")
    assert model is not None
    assert sorted(model.windows) == ["alert rate", "amount", "score"]
    for window in model.windows.values():
        _, count, total = window[0]
        means = [part for bucket in window[1:] for part in bucket[::3]]
        assert 0 <= total <= count
        assert all(0 <= mean <= 5 for mean in means)


def test_every_payment_is_counted_and_habits_are_kept_by_stream_and_currency(worked: tuple[Run, Played]) -> None:
    run, played = worked
    model = run.state("acme").get(StreamModel, "vendor")
    assert model is not None
    assert model.count == 260
    refs = {ref for reason in played.reasons(MODEL) for ref in reason.told["event_ids"]}
    assert sum(model.used.values()) == len(refs)
    record = run.state("acme").get(PayeeRecord, "V1")
    assert record is not None
    assert list(record.habits) == ["vUSD"]
