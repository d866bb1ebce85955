"""Edges of the rules about pay: periods, hours, days after leaving, and who in a run moved alike."""

from __future__ import annotations

import math
import statistics

import pytest

from tests.scenarios.build import DAY, HOUR, Json, Tale

PERIOD = {"period_start": "2026-01-01", "period_end": "2026-01-15"}


# the same period twice


def twice(first: Json, second: Json, amount: str = "1000.00", after: int = DAY) -> Tale:
    t = Tale()
    t.pay("E1", schedule=PERIOD | first)
    t.pay("E1", amount=amount, at=after, schedule=PERIOD | second)
    return t


@pytest.mark.parametrize(
    ("amount", "score"), [("1000.00", 65), ("990.00", 65), ("989.99", None), ("1010.10", 65), ("1010.11", None)]
)
def test_second_pay_of_a_period_counts_within_one_percent_of_the_larger(amount: str, score: int | None) -> None:
    assert twice({}, {}, amount).play().score("duplicate-pay") == score


@pytest.mark.parametrize("other", [{"period_end": "2026-01-16"}, {"period_start": "2026-01-02"}])
def test_pay_of_another_period_is_no_second_one(other: Json) -> None:
    assert twice({}, other).play().score("duplicate-pay") is None


def test_correction_is_no_second_pay_whichever_comes_first() -> None:
    assert twice({"run_type": "correction"}, {}).play().score("duplicate-pay") is None
    assert twice({}, {"run_type": "correction"}).play().score("duplicate-pay") is None


def test_third_pay_of_a_period_names_the_latest_before() -> None:
    t = twice({}, {})
    t.pay("E1", at=2 * DAY, schedule=PERIOD)
    (reason,) = t.play().reasons("duplicate-pay")
    assert {entity["id"] for entity in reason.data["entities"]} == {"P00000", "P00001"}


def test_pay_of_the_same_moment_is_not_earlier() -> None:
    assert twice({}, {}, after=0).play().score("duplicate-pay") is None


# after leaving


def left(paid_on: int, **schedule: str) -> Tale:
    """Last day of work on 5 January; paid so many days after it."""
    t = Tale()
    t.worker("E1", "hire", -400 * DAY, effective_date="2024-01-01")
    t.worker("E1", "terminate", effective_date="2026-01-05")
    t.pay("E1", at=paid_on * DAY, schedule={"period_start": "2026-01-01", "period_end": "2026-01-31"} | schedule)
    return t


@pytest.mark.parametrize(("days", "score"), [(45, None), (46, 65)])
def test_pay_may_come_45_days_after_the_last_day_of_work(days: int, score: int | None) -> None:
    assert left(days).play().score("ghost-worker") == score


@pytest.mark.parametrize(("begins", "score"), [("2026-01-05", None), ("2026-01-06", 65)])
def test_period_may_begin_on_the_last_day_of_work_but_not_after_it(begins: str, score: int | None) -> None:
    assert left(10, period_start=begins).play().score("ghost-worker") == score


def severance(paid_on: int) -> Tale:
    t = left(paid_on, period_start="2026-01-06")
    t.events[-1]["data"]["purpose"] = {"components": [{"type": "severance", "amount": "1000.00"}]}
    return t


@pytest.mark.parametrize(("days", "score"), [(-1, 65), (0, None), (180, None), (181, 65)])
def test_pay_on_leaving_may_come_from_the_last_day_of_work_on_for_180_days(days: int, score: int | None) -> None:
    assert severance(days).play().score("ghost-worker") == score


def test_what_is_told_of_a_worker_who_left() -> None:
    (reason,) = left(46, period_start="2026-01-06").play().reasons("ghost-worker")
    assert reason.told["observed"] == {"end_date": "2026-01-05", "period_start": "2026-01-06", "days_after": 46}
    assert reason.told["expected"] == {"period_start_at_most": "2026-01-05", "days_after_at_most": 45}
    assert "the period begins on 2026-01-06; paid 46 days after it" in reason.told["text"]


# office hours


def released(hour: float, run_type: str = "off_cycle") -> Tale:
    """A pay of Monday that was released at this hour of the day."""
    at = f"2026-01-05T{int(hour):02d}:{int(hour % 1 * 60):02d}:00Z"
    t = Tale()
    t.policy(pay_days=[5])
    t.pay("E1", schedule={"run_type": run_type, "pay_date": "2026-01-05"}, approval={"approved_at": at})
    return t


@pytest.mark.parametrize(("hour", "off"), [(5.5, True), (6, False), (20, False), (20.5, True)])
def test_both_ends_of_the_working_day_belong_to_it(hour: float, off: bool) -> None:
    played = released(hour).play()
    (reason,) = [*played.reasons("off-cycle"), *played.noted("off-cycle")]
    assert reason.told["observed"]["off_hours"] is off
    assert reason.told["observed"]["off_cycle"] is True


# spikes


@pytest.mark.parametrize(("amount", "fires"), [("1500.00", True), ("1499.99", False)])
def test_pay_spikes_from_half_as_much_again(amount: str, fires: bool) -> None:
    t = Tale()
    for n in range(6):
        t.pay("E1", amount="1000.00", at=n * 14 * DAY)
    t.pay("E1", amount=amount, at=84 * DAY)
    played = t.play()
    assert bool(played.reasons("pay-spike") + played.noted("pay-spike")) is fires


@pytest.mark.parametrize(("other", "score"), [("1690.00", 45), ("1700.00", None), ("2300.00", None), ("2310.00", 45)])
def test_pay_within_fifteen_percent_moved_alike_and_makes_it_the_runs_matter(other: str, score: int | None) -> None:
    """Two of five: of them one is paid twice as much as usual."""
    t = Tale()
    people = [f"E{n}" for n in range(5)]
    for n in range(4):
        for who in people:
            t.pay(who, at=n * 14 * DAY)
    for who, amount in zip(people, ("2000.00", other, "1000.00", "1000.00", "1000.00"), strict=True):
        t.pay(who, amount=amount, at=56 * DAY, run="R")
    scores = [reason.score for reason in t.play().reasons("pay-spike") if reason.subject[1] == "E0"]
    assert scores == ([] if score is None else [score])


def test_pay_that_lies_just_so_far_outside_the_usual_spread_spikes() -> None:
    z = (math.log(2000) - math.log(1000)) / 0.05
    for least, score in ((z, 45), (math.nextafter(z, 100), None)):
        t = Tale()
        t.policy(rules={"pay-spike": {"params": {"min_z": least}}})
        t.pay("E1", amount="2000.00", at=t.history("E1", 4), run="R")
        assert t.play().score("pay-spike") == score


@pytest.mark.parametrize("steps", [(0, 1, 2, 3), (3, 0, 2, 1), (0, 1, 2, 3, 4), (0, 0, 0, 0)])
def test_spread_is_the_median_distance_from_the_median_of_logarithms(steps: tuple[int, ...]) -> None:
    """Pay that differs by tenths: half of four payments lie half a step off the middle, half of five up to one step."""
    t = Tale()
    for n, step in enumerate(steps):
        t.pay("E1", amount=f"{1000 * 1.1**step:.4f}", at=n * 14 * DAY)
    t.pay("E1", amount="9000.00", at=len(steps) * 14 * DAY)
    (reason,) = t.play().reasons("pay-spike")
    tenth = math.log(1.1)
    spread = max(1.4826 * tenth, 0.05) if any(steps) else 0.05
    middle = math.log(1000) + statistics.median(steps) * tenth
    assert reason.told["observed"]["z"] == round((math.log(9000) - middle) / spread, 2)


# late events


@pytest.mark.parametrize(("behind", "score"), [(24 * HOUR, None), (24 * HOUR + 1, 25)])
def test_event_may_be_a_day_behind_the_clock(behind: int, score: int | None) -> None:
    t = Tale()
    t.pay("V1", at=behind)
    t.pay("V2", at=0)
    played = t.play()
    assert played.score("late-event") == score
    if score is not None:
        assert played.reasons("late-event")[0].told["observed"]["hours"] == 24
