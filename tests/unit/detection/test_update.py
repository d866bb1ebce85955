"""What a change of master data leaves behind: activity, the vendor index, accounts, ties."""

from __future__ import annotations

from sluicegate.detection.records import AccountLinks, PayeeRecord
from sluicegate.detection.vendors import similar_names
from tests.scenarios.build import DAY, HOUR, START, Tale, account, payee
from tests.unit.detection.test_bursts import state_after
from tests.unit.detection.test_view import view_of


def record(t: Tale, who: str = "V1") -> PayeeRecord:
    held: PayeeRecord = state_after(t).get(PayeeRecord, who)
    return held


def test_last_activity_is_that_of_the_latest_payment_change_or_request_by_event_time() -> None:
    t = Tale()
    t.pay("V1", at=DAY)
    assert record(t).last_active == START + DAY
    t.change("V1", "b", 3 * DAY)
    assert record(t).last_active == START + 3 * DAY
    t.request("V1", at=5 * DAY)
    assert record(t).last_active == START + 5 * DAY
    t.pay("V1", at=4 * DAY)
    t.change("V1", "c", 4 * DAY)
    t.worker("V1", "session", 6 * DAY, session={"device_id": "d"})
    assert record(t).last_active == START + 5 * DAY


def test_paid_vendor_is_found_under_the_name_that_a_change_tells_and_an_unpaid_one_is_not() -> None:
    t = Tale()
    t.pay(payee("V1", name="Northwind"))
    t.change(payee("V1", name="Halvorsen"), "b", HOUR)
    t.change(payee("V2", name="Halvorsen"), "c", HOUR)
    view = view_of(t, DAY)
    assert [id for id, _ in similar_names(view, "halvorsen", 0.95)] == ["V1"]
    assert list(similar_names(view, "northwind", 0.95)) == []


def test_change_to_an_account_that_is_known_adds_none_and_tells_more_of_it() -> None:
    t = Tale()
    t.pay("V1", "a", at=DAY)
    t.change("V1", account("a", bank_name="First"), at=2 * DAY)
    t.change("V1", account("a", last4="1234"), at=HOUR)
    (use,) = record(t).accounts
    assert (use.bank_name, use.last4, use.first_seen) == ("First", "1234", START + HOUR)


def test_bank_of_the_old_account_is_kept_as_the_event_states_it() -> None:
    t = Tale()
    t.pay("V1", account("a", bank_id="111"))
    t.change("V1", "b", at=1, old_account=account("a", bank_id="222"))
    t.change("V1", "c", at=2)
    first, second = record(t).changes
    assert (first.old_bank_id, first.stated_bank_id) == ("111", "222")
    assert (second.old_bank_id, second.stated_bank_id) == ("111", None)


def test_who_becomes_remote_is_so_in_all_ties() -> None:
    t = Tale()
    t.pay("E1", "a")
    t.pay("E1", "b", at=1)
    t.request(payee("E1", remote=True), at=2)
    state = state_after(t)
    assert [link.flexible for name in "ab" for link in state.get(AccountLinks, f"fp-{name}").links] == [True, True]


def test_late_change_explains_a_payment_made_at_its_own_time() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.pay("V1", "new", at=at, amount="9999.00")
    t.change("V1", "new", at, verification={"method": "callback", "status": "passed", "by": "other"})
    found = t.play().alerts
    assert [alert.get("close_reason") for alert in found if alert["family"] == "account"] == [
        "explained_by_late_change"
    ]
