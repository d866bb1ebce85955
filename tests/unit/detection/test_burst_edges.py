"""Edges of what is kept of changes and of who was paid when."""

from __future__ import annotations

import pytest

from sluicegate.detection.burst_records import BurstRecord, PaidRecord
from sluicegate.detection.bursts import LATE, PAID_WITHIN, counted, payees_paid
from sluicegate.detection.records import Change, PayeeRecord
from tests.scenarios.build import DAY, HOUR, Json, Tale
from tests.unit.detection.test_bursts import state_after
from tests.unit.detection.test_view import view_of

OWN = {"role": "self", "user_id": "u", "device_known": True, "mfa": True, "channel": "portal"}


def the_change(**more: object) -> Change:
    t = Tale()
    t.created("V1", "old")
    t.change("V1", "new", DAY, **more)
    changes: list[Change] = state_after(t).get(PayeeRecord, "V1").changes
    return changes[-1]


@pytest.mark.parametrize(
    ("actor", "counts"),
    [
        (OWN, False),
        (OWN | {"role": "hr"}, True),
        (OWN | {"device_known": False}, True),
        (OWN | {"mfa": False}, True),
        ({"channel": "bank_noc"}, False),
        ({"channel": "bulk_import"}, True),
        ({"channel": "email"}, True),
    ],
)
def test_change_counts_unless_the_known_payee_or_the_bank_made_it(actor: Json, counts: bool) -> None:
    assert counted(the_change(actor=actor)) is counts


def test_import_with_a_ticket_and_verified_changes_do_not_count() -> None:
    assert not counted(the_change(actor={"channel": "bulk_import", "ticket": "T"}))
    verification = {"method": "callback", "status": "passed", "by": "other"}
    assert not counted(the_change(actor={"channel": "email", "user_id": "u"}, verification=verification))


def test_change_is_kept_for_device_address_and_user_and_for_all_where_the_device_is_unknown() -> None:
    t = Tale()
    t.change("E1", "new", actor={"device_id": "d", "ip": "192.0.2.1", "user_id": "u", "device_known": False})
    assert sorted(state_after(t).ids(BurstRecord.KIND)) == ["device\nd", "ip\n192.0.2.1", "tenant", "user\nu"]
    t = Tale()
    t.change("E1", "new", actor={"user_id": "u", "device_known": True})
    assert list(state_after(t).ids(BurstRecord.KIND)) == ["user\nu"]


@pytest.mark.parametrize(("after", "kept"), [(0, 2), (HOUR, 1)])
def test_hour_at_the_horizon_is_kept_and_the_one_before_let_go(after: int, kept: int) -> None:
    t = Tale()
    t.pay("V1", at=0)
    t.pay("V2", "other", at=PAID_WITHIN + LATE + after)
    assert len(state_after(t).get(PaidRecord, "").hours) == kept


def test_payee_counts_once_in_the_hour_of_the_last_payment_whenever_others_come() -> None:
    t = Tale()
    for at in (0, HOUR // 2, 3 * HOUR, 2 * HOUR):
        t.pay("V1", at=at, invoice=f"{at}-1-{at}")
    t.pay("V2", "other", at=3 * HOUR)
    assert list(state_after(t).get(PaidRecord, "").hours.values()) == [2]


@pytest.mark.parametrize(("after", "count"), [(PAID_WITHIN, 2), (PAID_WITHIN + HOUR, 1)])
def test_payees_paid_lately_are_those_of_45_days_to_the_hour(after: int, count: int) -> None:
    t = Tale()
    t.pay("V1", at=0)
    t.pay("V2", "other", at=DAY)
    assert payees_paid(view_of(t, after)) == count
