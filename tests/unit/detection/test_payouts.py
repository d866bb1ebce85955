"""What is kept of a payee's payout requests: bounded, and enough to know a destination again."""

from __future__ import annotations

from typing import Any

from sluicegate.detection.codec import encode
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.detection.payouts import MAX_DAYS, destination_key
from sluicegate.detection.records import MAX_REQUESTS, PayeeRecord
from sluicegate.wire.blocks import Destination
from tests.scenarios.build import DAY, HOUR, START, Tale, account, wallet


def record_after(t: Tale) -> Any:
    partition = Partition()
    run = partition.begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, 0, None, line))
    return run.state("acme").get(PayeeRecord, "C1")


def destinations(t: Tale) -> set[str | None]:
    return {row.destination for row in record_after(t).requests}


def test_requests_are_bounded_and_the_oldest_repeated_one_goes_first() -> None:
    t = Tale()
    t.request("C1", wallet("rare"))
    for n in range(MAX_REQUESTS + 2):
        t.request("C1", wallet("usual"), at=HOUR + n)
    record = record_after(t)
    assert len(record.requests) == MAX_REQUESTS
    assert [row.destination for row in record.requests[:2]] == ["rare", "usual"]
    assert record.requests[1].time == START + HOUR + 3


def test_where_nothing_repeats_the_oldest_request_goes() -> None:
    t = Tale()
    for n in range(MAX_REQUESTS + 1):
        t.request("C1", wallet(f"w{n}"), at=n)
    assert "w0" not in destinations(t)
    assert f"w{MAX_REQUESTS}" in destinations(t)


def test_late_request_stays_though_it_is_the_oldest() -> None:
    t = Tale()
    for n in range(MAX_REQUESTS):
        t.request("C1", wallet("usual"), at=DAY + n)
    t.request("C1", wallet("usual"), at=0)
    record = record_after(t)
    assert len(record.requests) == MAX_REQUESTS
    assert record.requests[0].time == START


def test_request_is_forgotten_after_400_days() -> None:
    t = Tale()
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=400 * DAY)
    assert destinations(t) == {"one", "two"}
    t.request("C1", wallet("two"), at=400 * DAY + 1)
    assert destinations(t) == {"two"}


def test_destination_is_as_old_as_its_first_request_registration_or_payment() -> None:
    t = Tale()
    t.created("C1", "registered", at=0)
    t.pay("C1", "paid", at=DAY)
    for day, name in enumerate(("asked", "asked", "registered", "paid"), start=2):
        t.request("C1", at=day * DAY, method="bank", account=account(name))
    assert [(row.first - START) // DAY for row in record_after(t).requests] == [2, 2, 0, 1]


def test_destination_without_an_address_is_provider_and_account() -> None:
    assert destination_key(None, "fp") == "None\nfp"
    assert destination_key(Destination(provider="p"), "fp") == "p\nfp"
    assert destination_key(Destination(provider="p", address="0xAB", tag="7"), "fp") == "0xab#7"


def test_request_without_destination_is_as_old_as_itself() -> None:
    t = Tale()
    for day in range(2):
        t.request("C1", at=day * DAY, method="cash")
    rows = record_after(t).requests
    assert [row.destination for row in rows] == [None, None]
    assert [row.first for row in rows] == [row.time for row in rows]


def test_requests_are_counted_by_local_date() -> None:
    """Los Angeles is eight hours behind: 07:59 UTC is still the day before."""
    t = Tale()
    t.policy(timezone="America/Los_Angeles")
    for hours in (0, 22, 23, 24):  # from 09:00 UTC on
        t.request("C1", at=hours * HOUR)
    assert [count for _, count in record_after(t).request_days] == [2, 2]


def test_days_are_bounded() -> None:
    t = Tale()
    for day in range(MAX_DAYS + 5):
        t.request("C1", at=day * DAY)
    days = record_after(t).request_days
    assert len(days) == MAX_DAYS
    assert days == sorted(days)


def test_what_a_request_costs() -> None:
    """Bytes that the record grows by, with an address of usual length."""

    def size(requests: int) -> int:
        t = Tale()
        t.policy(rules={slug: {"mode": "off"} for slug in ("crypto-request", "structured-payouts")})
        for n in range(requests):
            t.request("C1", at=n * DAY)
        return len(encode(record_after(t)))

    each = (size(21) - size(1)) / 20
    assert each < 180
