"""What alerts of the payroll family hold, and how a pay run that goes on is judged again."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.codec import decode, encode
from sluicegate.detection.pay_records import RosterRecord, RosterRow
from sluicegate.detection.records import PaySlip
from tests.scenarios.build import DAY, HOUR, Json, Played, Tale

DUE = 28 * DAY
PERIOD = {"period_start": "2026-01-26", "period_end": "2026-02-08"}


def staff(t: Tale, *groups: str) -> None:
    """A hired worker for each group, paid twice before."""
    t.policy(roster=True)
    for n, group in enumerate(groups):
        t.worker(f"E{n}", "hire", effective_date="2026-01-01")
        for run in range(2):
            t.pay(f"E{n}", amount="10000.00", at=run * 14 * DAY, run=f"{group}{run}", schedule={"pay_group": group})


def pay(t: Tale, who: str, amount: str = "10000.00", at: int = DUE, run: str = "R", **schedule: Any) -> Json:
    return t.pay(who, amount=amount, at=at, run=run, schedule=PERIOD | schedule)


def runs(played: Played) -> list[Json]:
    return [one.data for one in played.reasons("run-shift")]


def test_run_alert_holds_all_payments_of_the_run_and_names_the_unknown() -> None:
    t = Tale()
    staff(t, "default", "default")
    paid = [pay(t, "E0"), pay(t, "E1"), pay(t, "E7", "9000.00"), pay(t, "E8", "4000.00")]
    (alert,) = runs(t.play())
    assert alert["subject"] == {"kind": "run", "id": "R"}
    assert alert["payment_ids"] == [event["data"]["payment_id"] for event in paid]
    assert alert["money"] == [{"value": "33000.00", "currency": "USD", "count": 4}]
    assert [(e["kind"], e["id"], e["role"]) for e in alert["entities"]] == [
        ("payee", "E7", "unknown"),
        ("payee", "E8", "unknown"),
    ]
    (reason,) = alert["reasons"]
    assert reason["observed"]["total"] == "33000.00"
    assert reason["observed"]["unexplained"] == "13000.00"
    assert reason["observed"]["unknown_payees"] == ["E7", "E8"]
    assert reason["observed"]["largest"][0] == {"payee": "E7", "difference": "9000.00"}
    assert reason["expected"]["total"] == "20000.00"
    assert alert["last_event_at"] == paid[-1]["time"]


def test_run_that_goes_on_after_its_close_is_judged_again() -> None:
    t = Tale()
    staff(t, "default", "default")
    for n, amount in enumerate(("10000.00", "18000.00")):
        pay(t, f"E{n}", amount)
    pay(t, "E7", at=DUE + 7 * HOUR)
    played = t.play()
    (alert,) = runs(played)
    assert alert["revision"] == 2
    assert alert["money"] == [{"value": "38000.00", "currency": "USD", "count": 3}]


def test_alert_about_a_run_stands_when_the_rest_is_paid_later() -> None:
    t = Tale()
    staff(t, "default", "default")
    pay(t, "E0")
    pay(t, "E1", at=DUE + 7 * HOUR)
    (alert,) = runs(t.play())
    assert alert["reasons"][0]["observed"]["unexplained"] == "-10000.00"


@pytest.mark.parametrize(("group", "shifted"), [("default", True), ("weekly", False)])
def test_only_workers_of_the_runs_pay_group_are_expected(group: str, shifted: bool) -> None:
    t = Tale()
    staff(t, "default", "default", group)
    pay(t, "E0")
    pay(t, "E1")
    assert bool(runs(t.play())) is shifted


def test_worker_who_moves_to_the_pay_group_counts_from_the_next_run_on() -> None:
    t = Tale()
    staff(t, "default", "weekly")
    pay(t, "E0", run="R1")
    pay(t, "E1", run="R1")
    pay(t, "E0", at=DUE + 14 * DAY, run="R2")
    pay(t, "E1", at=DUE + 14 * DAY, run="R2")
    (alert,) = runs(t.play())
    assert alert["subject"]["id"] == "R1"
    assert alert["reasons"][0]["observed"]["unexplained"] == "10000.00"


def test_later_payment_of_the_group_is_no_earlier_one() -> None:
    """E2 came into the pay group with a run that began before this one closed."""
    t = Tale()
    staff(t, "default", "default", "weekly")
    pay(t, "E0")
    pay(t, "E1")
    pay(t, "E2", at=DUE + HOUR, run="other")
    assert "R" not in [alert["subject"]["id"] for alert in runs(t.play())]


def test_ghost_worker_speaks_of_its_payment_although_it_is_decided_later() -> None:
    t = Tale()
    t.worker("E1", "terminate", effective_date="2026-01-05")
    paid = pay(t, "E1", "1234.00", DAY)
    (found,) = t.play().reasons("ghost-worker")
    assert found.data["payment_ids"] == [paid["data"]["payment_id"]]
    assert found.data["first_event_at"] == paid["time"]
    assert found.data["created_at"] > paid["time"]
    assert found.told["event_ids"] == [f"{paid['source']}#{paid['id']}"]
    assert found.told["observed"]["period_start"] == "2026-01-26"


def test_hire_that_arrives_after_the_termination_it_precedes_is_known() -> None:
    t = Tale()
    t.policy(roster=True)
    t.worker("E1", "terminate", at=DAY, effective_date="2026-03-01")
    t.worker("E1", "hire", at=0, effective_date="2025-01-01")
    pay(t, "E1", at=2 * DAY, run="R1")
    pay(t, "E1", at=16 * DAY, run="R2")
    assert t.play().reasons("ghost-worker") == []


def test_split_payment_is_looked_at_again_as_a_whole() -> None:
    t = Tale()
    t.worker("E1", "terminate", effective_date="2026-01-05")
    for index in (1, 2):
        part: Any = {"payment_id": "P", "split": {"index": index, "count": 2}}
        t.pay("E1", amount="500.00", at=DAY + index * HOUR, run="R", schedule=PERIOD, **part)
    (found,) = t.play().reasons("ghost-worker")
    assert found.data["money"] == [{"value": "1000.00", "currency": "USD", "count": 1}]


def test_not_evaluable_tests_are_counted() -> None:
    t = Tale()
    t.worker("E1", "terminate", effective_date="2026-01-05")
    t.pay("E1", at=DAY, run="R")
    replay = t.play().replay
    assert replay is not None
    tallies = replay.tallies
    assert tallies["not_evaluable", "ghost-worker", "schedule.period_start"] == 1
    assert tallies["not_evaluable", "run-shift", "policy.roster"] == 1
    assert tallies["not_evaluable", "off-cycle", "policy.pay_days"] == 1
    assert tallies["not_evaluable", "off-cycle", "approval.approved_at"] == 1
    assert tallies["not_evaluable", "duplicate-pay", "schedule.period_start"] == 1


def test_duplicate_names_the_earlier_payment_as_an_entity() -> None:
    t = Tale()
    first, second = pay(t, "E1"), pay(t, "E1", at=DUE + DAY)
    (found,) = t.play().reasons("duplicate-pay")
    assert found.data["payment_ids"] == [second["data"]["payment_id"]]
    (entity,) = found.data["entities"]
    assert (entity["kind"], entity["id"], entity["role"]) == ("payment", first["data"]["payment_id"], "earlier")


def test_policy_with_an_unknown_time_zone_of_an_approver_is_refused() -> None:
    t = Tale()
    t.policy(approver_timezones={"ann": "Nowhere/At_All"})
    (letter,) = t.play().letters
    assert letter["detail"]["path"] == "/data/approver_timezones"
    assert "ann" not in letter["detail"]["message"]


def test_records_stay_small() -> None:
    """Per payroll payment and per worker of the roster."""
    slip = PaySlip(20_000, 20_013, None, None, 5, False)
    held = RosterRecord({f"E{n:06d}": RosterRow() for n in range(1000)})
    assert len(encode(held)) / 1000 < 13
    assert decode(RosterRecord, encode(held)) == held
    assert slip == PaySlip(first_day=20_000, last_day=20_013, deductions=5)
