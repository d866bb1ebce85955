"""Which lists count as in force, and when they are no screening."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from sluicegate.detection.in_force import InForce, in_force
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.screening.lists.starter import VERSION
from sluicegate.starter import event
from tests.scenarios.build import DAY, START, Tale, entry, payee

STARTER = event()
LISTED = entry("L1", "ANDREYEV, Vitaliy")
WALLET = "1HmqvgSXUVES1jn4TQPzk9dxo1NE8wim2T"


def worked_through(lines: Iterable[bytes]) -> Partition:
    partition = Partition()
    run = partition.begin()
    for offset, line in enumerate(lines):
        run.apply(LogRecord(offset, START // 1000, None, line))
    run.merge()
    return partition


def names(found: InForce) -> list[tuple[str, str, int]]:
    return [(one.owner, one.name, one.entries) for one in found.lists]


def test_without_any_list_all_is_partial() -> None:
    assert in_force([]) == in_force([Partition()]) == InForce((), partial=True)


def test_starter_list_alone_is_partial() -> None:
    found = in_force([worked_through([STARTER])])
    assert names(found) == [("*", "starter", 6)]
    assert (found.lists[0].version, found.partial) == (VERSION, True)


def test_other_list_takes_the_place_of_the_starter_list() -> None:
    t = Tale()
    t.listed(LISTED)
    found = in_force([worked_through([STARTER, *t.lines])])
    assert (names(found), found.partial) == ([("*", "test-list", 1)], False)
    assert found.lists[0].published == START


@pytest.mark.parametrize(("others", "partial"), [((), False), (("bolt",), True)])
def test_list_of_one_tenant_does_not_serve_the_others(others: tuple[str, ...], partial: bool) -> None:
    t = Tale()
    t.listed(LISTED, tenant="acme")
    for tenant in others:
        t.pay(payee("E1", name="Ann Lee"), at=DAY)
        t.events[-1]["tenantid"] = tenant
    found = in_force([worked_through([STARTER, *t.lines])])
    assert found.partial is partial
    assert ("acme", "test-list", 1) in names(found)


def test_of_partitions_at_different_versions_the_older_one_is_told() -> None:
    t = Tale()
    t.listed(LISTED)
    behind = worked_through(t.lines)
    t.listed(LISTED, entry("L2", "Somebody Else"), version="2", at=DAY)
    found = in_force([worked_through(t.lines), behind])
    assert [(one.version, one.entries) for one in found.lists] == [("1", 1)]


def test_recovered_partition_says_the_same() -> None:
    before = worked_through([STARTER])
    after = Partition()
    for key, value in before.items():
        after.load(key, value)
    after.ready()
    assert in_force([after]) == in_force([before])


def found_in_payout(t: Tale) -> Any:
    """What the one sanctions alert on a payout to a listed wallet says."""
    to = {"network": "bip122:000000000019d6689c085ae165831e93", "asset": "BTC", "address": WALLET, "hosted": "self"}
    data: dict[str, Any] = {"request_id": "R1", "payee": payee("C1", kind="contractor"), "method": "crypto"}
    t.add("payout.request.v1", DAY, data | {"amount": {"value": "100", "currency": "USD"}, "destination": to})
    reasons = [reason for alert in t.play().alerts for reason in alert["reasons"]]
    [reason] = [reason for reason in reasons if reason["rule"] == "sanctioned-identifier"]
    return reason


def test_finding_on_the_starter_list_says_that_it_is_partial() -> None:
    t = Tale()
    t.events.append(msgspec.json.decode(STARTER))
    reason = found_in_payout(t)
    assert reason["observed"]["partial"] is True
    assert reason["text"].endswith("entry 55065 of starter (2025-08-27.1) (built-in starter list, partial).")


def test_finding_on_another_list_does_not() -> None:
    t = Tale()
    t.events.append(msgspec.json.decode(STARTER))
    t.listed(LISTED | {"wallets": [WALLET]})
    reason = found_in_payout(t)
    assert reason["observed"]["list"] == "test-list"
    assert "partial" not in reason["observed"]
    assert "partial" not in reason["text"]


def test_lists_of_all_tenants_come_first_whatever_the_names() -> None:
    t = Tale()
    t.listed(LISTED, tenant="bolt")
    t.listed(LISTED, list="b")
    t.listed(LISTED, list="a")
    t.listed(LISTED, tenant="acme", list="0")
    found = in_force([worked_through(t.lines)])
    assert [(one.owner, one.name) for one in found.lists] == [
        ("*", "a"),
        ("*", "b"),
        ("acme", "0"),
        ("bolt", "test-list"),
    ]


def test_one_partition_with_a_tenant_that_no_list_serves_makes_all_partial() -> None:
    served, other = Tale(), Tale("bolt")
    served.listed(LISTED, tenant="acme")
    other.pay("E1")
    partitions = [worked_through(served.lines), worked_through(other.lines)]
    assert not in_force(partitions[:1]).partial
    assert in_force(partitions).partial
    assert in_force(partitions[::-1]).partial
    assert InForce().partial
