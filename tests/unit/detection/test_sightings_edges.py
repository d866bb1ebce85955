"""Edges of what a tenant shows of its payments and wallets, and of the answers to it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from sluicegate.detection.answers import answers
from sluicegate.detection.calendar import DAY
from sluicegate.detection.count_records import PivotRecord, Seen
from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition
from sluicegate.detection.sightings import Sighting, encode_sighting, internal_event
from sluicegate.wire.scalars import Instant
from tests.scenarios.build import START, Json, Tale, account, wallet
from tests.unit.detection.test_sightings import sighting, told


def shown(t: Tale, **policy: Any) -> list[Sighting]:
    """What a tenant that has opted in shows of the tale."""
    opted = Tale()
    opted.policy(**{"cross_tenant_counts": True} | policy)
    run = Partition().begin()
    first = opted.lines[0].replace(b"e00000", b"policy")
    for offset, line in enumerate([first, *t.lines]):
        run.apply(LogRecord(offset, START // 1000, None, line))
    return run.sightings


def wages(t: Tale, **policy: Any) -> list[tuple[str, str | None]]:
    return [(one.pivot, one.amount) for one in shown(t, **policy) if one.rule == "many-employers"]


def wallets(t: Tale, **policy: Any) -> list[str]:
    return [one.pivot.partition(":")[0] for one in shown(t, **policy) if one.rule == "shared-wallet"]


def paid(amount: str = "2500.00", to: str | Json = "A", **more: Any) -> Tale:
    t = Tale()
    t.pay("E1", to, amount, **more)
    return t


# wages


def test_regular_pay_is_shown_in_base_currency_as_a_share_of_the_whole() -> None:
    parts = {"components": [{"type": "regular", "amount": "3000"}, {"type": "bonus", "amount": "1000"}]}
    base = {"value": "5000", "currency": "USD"}
    assert wages(paid("4000", purpose=parts)) == [("account:fp-A", "3000")]
    assert wages(paid("4000", purpose=parts, currency="EUR", amount_base=base)) == [("account:fp-A", "3750")]
    assert wages(paid("4000", currency="EUR")) == []
    assert wages(paid("0", currency="EUR", amount_base=base)) == []


@pytest.mark.parametrize("fields", [{"cross_tenant_counts": False}, {"rules": {"many-employers": {"mode": "off"}}}])
def test_wages_are_shown_only_by_those_who_want_to_know(fields: Json) -> None:
    assert len(wages(paid())) == 1
    assert wages(paid(), **fields) == []
    assert len(wages(paid(), rules={"many-employers": {"mode": "shadow"}})) == 1


def test_payment_of_which_one_part_goes_to_a_trusted_account_is_not_shown() -> None:
    t = Tale()
    for index, to in ((1, "A"), (2, "B")):
        t.pay("E1", to, "2000.00", at=index, payment_id="S", split={"index": index, "count": 2})
    assert len(wages(t)) == 2
    assert wages(t, trusted_accounts=[{"fp": "fp-B"}]) == []
    assert wages(t, trusted_accounts=[{"fp": "fp-A"}, {"fp": "fp-B"}]) == []
    assert len(wages(t, trusted_accounts=[{"fp": "fp-C"}])) == 2


# wallets


@pytest.mark.parametrize("fields", [{"cross_tenant_counts": False}, {"rules": {"shared-wallet": {"mode": "off"}}}])
def test_wallets_are_shown_only_by_those_who_want_to_know(fields: Json) -> None:
    t = Tale()
    t.request("E1")
    assert wallets(t) == ["wallet"]
    assert wallets(t, **fields) == []


@pytest.mark.parametrize(
    ("change", "count"), [("created", 1), ("account", 1), ("contact", 0), ("closed", 0), ("reopened", 0)]
)
def test_wallet_is_shown_where_it_becomes_an_account_of_the_payee(change: str, count: int) -> None:
    t = Tale()
    t.change("E1", {"fp": "W", "scheme": "wallet", "wallet": wallet()}, change=change)
    assert len(wallets(t)) == count


@pytest.mark.parametrize(("hosted", "count"), [("self", 1), ("unknown", 1), ("custodial", 0)])
def test_custodial_wallet_is_not_shown_for_many_use_it(hosted: str, count: int) -> None:
    t = Tale()
    t.request("E1", wallet(hosted=hosted, provider="p"))
    t.pay("E1", account("W", wallet=wallet(hosted=hosted, provider="p")), at=1)
    assert len(wallets(t)) == 2 * count


def test_bank_account_asked_for_is_no_wallet() -> None:
    t = Tale()
    t.request("E1", method="bank", account=account("A"))
    assert wallets(t) == []


# events of our own


def test_internal_event_is_named_by_its_parts_for_ever() -> None:
    """An id once written must come out again: what was counted before an update is then known after it."""
    event = json.loads(internal_event("sighting.v1", ("a", "bc"), "/x", START, "acme", {"k": 1}))
    assert event == {
        "specversion": "1.0",
        "id": "sighting-" + hashlib.sha256(b"1 a2 bc").hexdigest()[:32],
        "source": "/x",
        "type": "sighting.v1",
        "time": "2026-01-05T09:00:00Z",
        "tenantid": "acme",
        "data": {"k": 1},
    }
    other = json.loads(internal_event("sighting.v1", ("ab", "c"), "/x", START, "acme", {}))
    assert other["id"] != event["id"]
    assert json.loads(internal_event("shared.count.v1", ("a",), "/x", 0, "acme", {}))["id"].startswith("count-")


def test_sources_of_our_own_events() -> None:
    assert json.loads(encode_sighting(sighting("a", 0)))["source"] == "/sluicegate/detect"
    record = PivotRecord()
    told(record, "a", 0)
    (answer, *_) = answers(record, sighting("b", DAY))
    assert json.loads(answer)["source"] == "/sluicegate/shared"


# answers


def seen(record: PivotRecord) -> list[str]:
    return [one.tenant for one in record.seen]


def of(tenant: str, at: int, days: int = 45, kind: str = "employee", id: str = "") -> Sighting:
    name = id or f"{tenant}-{at}"
    return Sighting("many-employers", "account:fp", tenant, "/s", name, Instant(at), kind, "1500", days)


def tell(record: PivotRecord, *shown: Sighting) -> list[tuple[str, int]]:
    found = [json.loads(value) for one in shown for value in answers(record, one)]
    return [(event["tenantid"], event["data"]["count"]) for event in found]


def test_64_tenants_are_kept_of_one_pivot() -> None:
    record = PivotRecord()
    tell(record, *(of(f"t{n:02d}", n) for n in range(65)))
    assert seen(record) == [f"t{n:02d}" for n in range(1, 65)]
    assert "t00" not in record.told


@pytest.mark.parametrize(("later", "kept"), [(90 * DAY - 1, ["a", "b"]), (90 * DAY, ["b"])])
def test_tenant_is_kept_for_twice_the_window(later: int, kept: list[str]) -> None:
    record = PivotRecord()
    tell(record, of("a", 0), of("b", later))
    assert seen(record) == kept


def test_longest_window_of_any_tenant_says_how_long_all_are_kept() -> None:
    record = PivotRecord()
    tell(record, of("a", 0, days=100), of("b", 150 * DAY, days=10))
    assert seen(record) == ["a", "b"]
    tell(record, of("c", 201 * DAY, days=10))
    assert seen(record) == ["b", "c"]


def test_windows_end_at_the_newest_sighting_of_the_time_after_this_one() -> None:
    record = PivotRecord()
    assert tell(record, of("a", 45 * DAY), of("b", 0)) == []  # a comes when the window of b is over
    record = PivotRecord()
    assert tell(record, of("a", 45 * DAY - 1), of("b", 0)) == [("a", 2), ("b", 2)]


def test_tenant_not_seen_in_time_does_not_keep_the_others_from_being_told() -> None:
    record = PivotRecord()
    tell(record, of("a", 80 * DAY))
    assert tell(record, of("b", 0), of("c", DAY)) == [("b", 2), ("c", 2)]


def test_sighting_that_comes_again_at_its_place_takes_it_over() -> None:
    record = PivotRecord()
    tell(record, of("a", 5, days=45))
    tell(record, of("a", 5, days=60))
    assert [(one.tenant, one.days) for one in record.seen] == [("a", 60)]
    tell(record, of("a", 5, days=70, id="0"))  # of the same time, but before it by its id
    assert [one.days for one in record.seen] == [60]
    assert record.seen == [Seen("a", False, 5, "/s", "a-5", 60)]
