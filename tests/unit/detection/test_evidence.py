"""What an alert's record holds: sums by currency, and lists that are cut out of the middle."""

from __future__ import annotations

import pytest

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.codec import encode
from sluicegate.detection.evidence import FIRST_KEPT, MAX_BYTES, MAX_TITLE, MOST_KEPT, count, fit, trim
from sluicegate.rules.base import Entity
from tests.scenarios.build import DAY, Tale
from tests.unit.detection.test_bursts import state_after


def record() -> AlertRecord:
    t = Tale()
    t.pay("V1", "new", at=t.history("V1", 3, "old"))
    state = state_after(t)
    (id,) = state.ids(AlertRecord.KIND)
    held = state.get(AlertRecord, id)
    assert isinstance(held, AlertRecord)
    return held


def test_sums_are_kept_by_currency_and_a_part_adds_no_payment() -> None:
    alert = record()
    alert.money.clear()
    count(alert, "USD", "1.10", True)
    count(alert, "USD", "2.20", True)
    count(alert, "USD", "0.05", False)
    count(alert, "EUR", "7", True)
    assert {code: (sum.value, sum.count) for code, sum in alert.money.items()} == {"USD": ("3.35", 2), "EUR": ("7", 1)}


@pytest.mark.parametrize(("length", "gone"), [(0, 0), (MOST_KEPT, 0), (MOST_KEPT + 1, 1), (MOST_KEPT + 50, 50)])
def test_long_list_keeps_its_first_and_newest(length: int, gone: int) -> None:
    kept = list(range(length))
    assert trim(kept) == gone
    left = [*range(FIRST_KEPT), *range(FIRST_KEPT + gone, length)] if length > FIRST_KEPT else list(range(length))
    assert kept == left


def test_record_of_long_ids_is_cut_until_it_fits_and_what_went_is_counted() -> None:
    alert = record()
    alert.entities = [Entity("payee", f"{n:04d}" + "x" * 200) for n in range(MOST_KEPT)]
    alert.payments = [f"{n:04d}" + "x" * 200 for n in range(MOST_KEPT)]
    alert.reasons[0].events = [f"{n:04d}" + "x" * 200 for n in range(MOST_KEPT)]
    assert len(encode(alert)) > MAX_BYTES
    fit(alert)
    assert len(encode(alert)) <= MAX_BYTES
    left = MOST_KEPT // 4
    assert (len(alert.entities), alert.entities_left_out) == (left, MOST_KEPT - left)
    assert (len(alert.payments), alert.payments_left_out) == (left, MOST_KEPT - left)
    assert (len(alert.reasons[0].events), alert.reasons[0].events_left_out) == (left, MOST_KEPT - left)


def test_record_that_fits_is_left_as_it_is() -> None:
    alert = record()
    alert.payments = [str(n) for n in range(MOST_KEPT)]
    fit(alert)
    assert (len(alert.payments), alert.payments_left_out) == (MOST_KEPT, 0)


def test_alert_tells_the_days_it_is_about() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", "new", at, actor={"channel": "email"})
    t.pay("V1", "new", at=at + 3 * DAY)
    (alert,) = t.play().alerts
    assert (alert["report_hints"]["activity_from"], alert["report_hints"]["activity_to"]) == ("20260216", "20260219")


def test_records_and_titles_stay_below_the_limits_of_the_contract() -> None:
    """No record of a topic exceeds 64 KiB, no title 300 characters."""
    assert (MAX_BYTES, MAX_TITLE) == (60_000, 300)
