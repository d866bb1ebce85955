"""A payment as the signals see it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import msgspec
import pytest

from sluicegate.detection.features import features
from sluicegate.detection.lists import Screen
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.rows import row_of
from sluicegate.detection.view import Facts, View
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import Payment
from sluicegate.wire.scalars import dec_hook
from tests.scenarios.build import DAY, Tale, payee
from tests.unit.detection.test_view import view_of


def seen(tale: Tale) -> dict[str, Any]:
    """The features of the tale's last payment."""
    partition = Partition()
    run = partition.begin()
    for n, line in enumerate(tale.lines):
        run.apply(LogRecord(n, 0, None, line))
    event = decode(tale.lines[-1])
    assert isinstance(event, Event)
    assert isinstance(event.data, Payment)
    view = View(event, run.state(tale.tenant), compile_policy(None, None), Screen(), event.time, Facts())
    return dict(features(view, event.data, row_of(view, event.data), 7))


def test_first_payment_has_no_history() -> None:
    t = Tale()
    t.pay("V1", amount="12.50")
    x = seen(t)
    assert (x["stream"], x["amount"], x["currency"], x["payments"]) == ("vendor", 12.5, "USD", 7)
    assert (x["gap"], x["same_days"], x["day"], x["same_amount"]) == (0.0, None, 0, 0)
    assert (x["account_paid"], x["account_new"], x["account_others"]) == (0, False, 0)
    assert str(x["date"]) == "2026-01-05"
    assert x["weekday"] == 0


def test_peers_are_those_of_one_currency_and_group() -> None:
    t = Tale()
    t.pay("V1", ledger={"department": "D7", "category": "rent"})
    assert seen(t)["group"] == crc32(b"USD\nrent")
    assert seen(t)["currency_group"] == crc32(b"USD")
    t.pay("V1", ledger={"department": "D7"}, currency="EUR")
    assert (seen(t)["group"], seen(t)["department"]) == (crc32(b"EUR\nD7"), "D7")
    t.pay(payee("E1", peer_group="weekly"), ledger={"department": "D7", "category": "rent"})
    assert (seen(t)["group"], seen(t)["stream"]) == (crc32(b"USD\nweekly"), "payroll")


@pytest.mark.parametrize(
    ("parts", "overtime", "regular"),
    [
        ({"regular": "800", "overtime": "200"}, 0.25, 800.0),
        ({"overtime": "1000"}, 0.0, 1000.0),
        ({"regular": "1000"}, 0.0, 1000.0),
        ({"regular": "500", "bonus": "300", "overtime": "200"}, 0.25, 800.0),
        ({"regular": "0.5", "overtime": "0.5"}, 1.0, 500.0),
    ],
)
def test_overtime_is_a_share_of_all_other_pay(parts: dict[str, str], overtime: float, regular: float) -> None:
    t = Tale()
    t.pay("E1", purpose={"components": [{"type": kind, "amount": amount} for kind, amount in parts.items()]})
    x = seen(t)
    assert (x["overtime"], x["regular"]) == (overtime, regular)


def test_latest_payments_to_a_vendor_are_counted_by_time_account_and_amount() -> None:
    t = Tale()
    t.pay("V1", "a", "500.00", at=0)
    t.pay("V1", "b", "700.00", at=9 * DAY)
    t.pay("V1", "b", "500.0", at=9 * DAY + 1)
    t.pay("V1", "a", "500.00", at=10 * DAY)
    x = seen(t)
    assert (x["day"], x["account_paid"], x["same_amount"]) == (1, 1, 2)
    assert x["same_days"] == x["gap"] == (DAY - 1) / DAY


def test_latest_pay_is_counted_by_run_and_account() -> None:
    t = Tale()
    t.pay("E1", "a", at=0)
    t.pay("E1", "b", at=9 * DAY, run="R")
    t.pay("E1", "a", at=10 * DAY, run="R")
    x = seen(t)
    assert (x["in_run"], x["account_paid"], x["gap"]) == (1, 1, 1.0)
    t.pay("E1", "a", at=11 * DAY)
    assert seen(t)["in_run"] == 0


def test_payment_of_the_same_moment_or_another_currency_is_not_counted_as_the_same() -> None:
    t = Tale()
    t.pay("V1", at=0, currency="EUR")
    t.pay("V1", at=DAY)
    t.pay("V1", at=DAY)
    x = seen(t)
    assert (x["same_amount"], x["same_days"], x["gap"], x["day"]) == (0, None, 1.0, 0)


@pytest.mark.parametrize(("to", "new"), [("a", False), ("b", True)])
def test_account_is_new_that_none_of_the_latest_payments_went_to(to: str, new: bool) -> None:
    t = Tale()
    t.pay("V1", "a")
    t.pay("V1", to, at=DAY)
    assert seen(t)["account_new"] is new


@pytest.mark.parametrize(("at", "new"), [(DAY, False), (DAY + 1, True)])
def test_account_of_a_verified_change_is_not_new_from_its_moment_on(at: int, new: bool) -> None:
    t = Tale()
    t.pay("V1", "a")
    t.change("V1", "b", at, verification={"method": "callback", "status": "passed", "by": "other"})
    t.pay("V1", "b", at=DAY)
    assert seen(t)["account_new"] is new


@pytest.mark.parametrize(("at", "others"), [(0, 0), (1, 2), (400 * DAY - 1, 2), (400 * DAY, 0)])
def test_others_paid_to_the_account_before_are_counted_for_400_days(at: int, others: int) -> None:
    t = Tale()
    t.pay("V2", "shared")
    t.pay("V3", "shared")
    t.pay("V1", "shared", at=at)
    assert seen(t)["account_others"] == others


def test_own_link_is_none_of_another() -> None:
    t = Tale()
    t.pay("V1", "own")
    t.pay("V1", "own", at=DAY)
    assert seen(t)["account_others"] == 0
    t.pay("V2", "own", at=2 * DAY)
    assert seen(t)["account_others"] == 1


@pytest.mark.parametrize(("amount", "near"), [("950.00", 2), ("1.00", 0)])
def test_payments_just_below_a_round_amount_are_counted_in_the_week_before(amount: str, near: int) -> None:
    t = Tale()
    for at in (0, 1, 3 * DAY):
        t.pay("V1", amount="990.00", at=at)
    t.pay("V1", amount=amount, at=7 * DAY)
    assert seen(t)["near_limit_week"] == near


@pytest.mark.parametrize(("run_type", "off"), [(None, False), ("regular", False), ("off_cycle", True), ("bonus", True)])
def test_run_is_off_cycle_unless_it_is_regular_or_of_no_kind(run_type: str | None, off: bool) -> None:
    t = Tale()
    t.pay("E1", schedule={} if run_type is None else {"run_type": run_type})
    assert (seen(t)["off_cycle"], seen(t)["run_type"]) == (off, run_type)


def test_other_payees_of_an_account_count_unless_it_is_trusted_or_held_for_many() -> None:
    t = Tale()
    for n in range(3):
        t.pay(f"V{n}", "shared", at=n * DAY)
    t.pay("V9", "shared", at=3 * DAY)
    assert seen(t)["account_others"] == 3
    view = view_of(t, 3 * DAY)
    data = t.events[-1]["data"]
    payment = msgspec.convert(data, Payment, dec_hook=dec_hook)
    row = row_of(view, payment)
    assert features(view, payment, row, 1)["account_others"] == 3
    view.facts.custodial = True
    assert features(view, payment, row, 1)["account_others"] == 0
    view.facts.custodial = False
    view.policy = compile_policy(b'{"trusted_accounts":[{"fp":"fp-shared"}]}', None)
    assert features(view, payment, row, 1)["account_others"] == 0
