"""Which advances on pay are kept: how many, how long, each once."""

from __future__ import annotations

import pytest

from sluicegate.detection.records import Advance, PayeeRecord
from tests.scenarios.build import DAY, START, Json, Tale
from tests.unit.detection.test_bursts import state_after

ADVANCE = {"code": "ADVA"}


def kept(t: Tale) -> list[Advance]:
    advances: list[Advance] = state_after(t).get(PayeeRecord, "E1").advances
    return advances


def times(t: Tale) -> list[int]:
    return [(one.time - START) // DAY for one in kept(t)]


@pytest.mark.parametrize("count", [31, 32, 33])
def test_newest_32_are_kept_whatever_their_order_of_arrival(count: int) -> None:
    t = Tale()
    for n in reversed(range(count)):
        t.pay("E1", at=n * DAY, purpose=ADVANCE)
    assert times(t) == list(range(max(0, count - 32), count))


@pytest.mark.parametrize(("late", "left"), [(0, [0, 400]), (1, [400])])
def test_advance_counts_for_400_days(late: int, left: list[int]) -> None:
    t = Tale()
    t.pay("E1", purpose=ADVANCE)
    t.pay("E1", at=400 * DAY + late, purpose=ADVANCE)
    assert times(t) == left


@pytest.mark.parametrize(
    ("purpose", "counts"),
    [
        ({"code": "ADVA"}, True),
        ({"components": [{"type": "regular", "amount": "1"}, {"type": "advance", "amount": "9"}]}, True),
        ({"code": "SALA"}, False),
        ({"components": [{"type": "regular", "amount": "1"}]}, False),
        (None, False),
    ],
)
def test_payment_is_an_advance_by_its_code_or_one_of_its_components(purpose: Json | None, counts: bool) -> None:
    t = Tale()
    more: Json = {} if purpose is None else {"purpose": purpose}
    t.pay("E1", **more)
    assert bool(kept(t)) is counts


def test_request_for_another_purpose_is_none() -> None:
    t = Tale()
    t.request("E1", purpose="salary")
    t.request("E1", at=DAY)
    assert kept(t) == []
    t.request("E1", at=2 * DAY, purpose="advance")
    assert times(t) == [2]


def test_later_word_on_a_request_adds_who_provides_it_and_never_replaces_it() -> None:
    t = Tale()
    t.pay("E1", at=0, request_id="R", purpose=ADVANCE)
    t.request("E1", at=DAY, purpose="advance", request_id="R", provider="first")
    t.request("E1", at=2 * DAY, purpose="advance", request_id="R", provider="second")
    (one,) = kept(t)
    assert (one.time, one.request, one.provider) == (START, "R", "first")


def test_parts_of_one_payment_are_one_advance_and_payments_without_a_request_are_each_one() -> None:
    t = Tale()
    for index in (1, 2):
        t.pay("E1", at=index, payment_id="S", split={"index": index, "count": 2}, purpose=ADVANCE)
    t.pay("E1", at=DAY, purpose=ADVANCE)
    assert [one.payment for one in kept(t)] == ["S", "P00002"]
