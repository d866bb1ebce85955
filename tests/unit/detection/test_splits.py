"""Split payments: parts of one payment, judged part by part by account rules and once by rules about the amount."""

from __future__ import annotations

import pytest

from sluicegate.detection.rows import find_row
from sluicegate.detection.splits import pack_event, whole_payment, whole_payment_of
from sluicegate.detection.state import State, TenantStore
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import Payment
from tests.scenarios.build import DAY, HOUR, Json, Played, Tale
from tests.unit.detection.test_bursts import state_after


def part(t: Tale, index: int, count: int, amount: str, at: int, to: str = "own") -> Json:
    split = {"index": index, "count": count}
    return t.pay("V1", to, amount, at, payment_id="S", split=split, invoice="417")


def repeated(played: Played) -> int:
    assert played.replay is not None
    return played.replay.counts.repeated


def invoiced() -> Tale:
    """An invoice of 1000 paid in one; its duplicate comes in parts."""
    t = Tale()
    t.pay("V1", "own", invoice="417")
    return t


def test_sum_of_all_parts_is_judged_once_when_the_last_one_is_in() -> None:
    t = invoiced()
    part(t, 1, 3, "500.00", 10 * DAY)
    part(t, 3, 3, "300.00", 10 * DAY + 1)
    assert t.play().score("duplicate-invoice") is None
    last = part(t, 2, 3, "200.00", 10 * DAY + 2)
    (reason,) = t.play().reasons("duplicate-invoice")
    assert reason.told["observed"]["amount"] == {"value": "1000.00", "currency": "USD"}
    assert f"/feeds/acme#{last['id']}" in reason.told["event_ids"]
    assert reason.data["payment_ids"] == ["S"]
    assert reason.data["money"] == [{"value": "1000.00", "currency": "USD", "count": 1}]


def test_parts_are_judged_24_hours_after_the_first_where_one_never_comes() -> None:
    t = invoiced()
    part(t, 1, 3, "500.00", 10 * DAY)
    part(t, 2, 3, "500.00", 10 * DAY + HOUR)
    t.pay("E9", at=11 * DAY - 1)
    assert t.play().revisions[0]["created_at"] == "2026-01-16T09:00:00Z"  # by the timer, not by the last part
    assert t.play().score("duplicate-invoice") == 65


def test_part_that_comes_after_the_24_hours_is_not_judged_again() -> None:
    t = invoiced()
    part(t, 1, 2, "500.00", 10 * DAY)
    part(t, 2, 2, "500.00", 11 * DAY + 1)
    played = t.play()
    assert played.letters == []
    assert played.score("duplicate-invoice") is None


def test_part_with_a_known_index_is_a_repeated_notice() -> None:
    t = invoiced()
    part(t, 1, 2, "500.00", 10 * DAY)
    part(t, 1, 2, "500.00", 10 * DAY + 1)
    assert repeated(t.play()) == 1
    part(t, 2, 2, "500.00", 10 * DAY + 2)
    part(t, 2, 2, "500.00", 10 * DAY + 3)
    played = t.play()
    assert repeated(played) == 2
    assert played.score("duplicate-invoice") == 65
    assert len(played.revisions) == 1


def test_whole_payment_and_part_do_not_mix() -> None:
    t = Tale()
    t.pay("V1", payment_id="S")
    part(t, 1, 2, "500.00", DAY)
    assert repeated(t.play()) == 1
    t = Tale()
    part(t, 1, 2, "500.00", DAY)
    t.pay("V1", payment_id="S", at=2 * DAY)
    assert repeated(t.play()) == 1


def test_account_rules_look_at_each_part_as_it_comes() -> None:
    t = Tale()
    t.pay("V2", "shared")
    part(t, 1, 2, "500.00", DAY, to="own")
    part(t, 2, 2, "500.00", DAY + 1, to="shared")
    (reason,) = t.play().reasons("shared-account")
    assert reason.subject == ("account", "fp-shared")


def test_alert_that_holds_the_payment_counts_further_parts() -> None:
    t = Tale()
    t.pay("V2", "shared", "1.00")
    part(t, 1, 2, "500.00", DAY, to="shared")
    part(t, 2, 2, "0.125", DAY + 1, to="shared")
    alert = t.play().reasons("shared-account")[0].data
    assert alert["money"] == [{"value": "501.125", "currency": "USD", "count": 2}]


def test_baseline_counts_a_split_payment_once() -> None:
    t = Tale()
    for n in range(4):
        for index in (1, 2):
            t.pay("E1", amount="500.00", at=n * 14 * DAY, payment_id=f"S{n}", split={"index": index, "count": 2})
    t.pay("E1", amount="4000.00", at=56 * DAY)
    (reason,) = t.play().reasons("pay-spike")
    assert reason.told["expected"]["median"] == "1000.00"
    assert reason.told["expected"]["payments"] == 4


def whole(*bases: str | None) -> Json:
    """A payment in euros that came in parts, with what each told of its value in dollars."""
    t = Tale()
    for n, base in enumerate(bases):
        money: Json = {} if base is None else {"amount_base": {"value": base, "currency": "USD"}}
        split = {"index": n + 1, "count": len(bases)}
        t.pay("V1", "own", "1000.00", n, currency="EUR", payment_id="S", split=split, **money)
    return seen(t)


def seen(t: Tale) -> Json:
    """The whole payment as rules about amounts see it."""
    event = decode(t.lines[-1])
    assert isinstance(event, Event)
    row = find_row(state_after(t), "V1", "S")
    assert row is not None
    data = whole_payment(event, row).data
    assert isinstance(data, Payment)
    base = data.amount_base
    return {
        "amount": (data.amount.value, data.amount.currency),
        "base": None if base is None else (base.value, base.currency),
        "split": data.split,
    }


@pytest.mark.parametrize(
    ("bases", "base"),
    [
        (("1100.00", "1200.00"), ("2300.00", "USD")),
        ((None, "1200.00"), None),
        ((None, None), None),
    ],
)
def test_whole_payment_has_the_sums_of_its_parts_where_all_of_them_tell(
    bases: tuple[str | None, ...], base: tuple[str, str] | None
) -> None:
    assert whole(*bases) == {"amount": ("2000.00", "EUR"), "base": base, "split": None}


def test_payment_that_is_not_held_is_judged_as_its_part() -> None:
    t = Tale()
    part(t, 1, 2, "1.00", 0)
    event = decode(t.lines[0])
    assert isinstance(event, Event)
    packed = pack_event(event)
    assert whole_payment_of(State("acme", TenantStore()), packed) == (event, None)
    whole, row = whole_payment_of(state_after(t), packed)
    assert row is not None
    assert isinstance(whole.data, Payment)
    assert whole.data.split is None
