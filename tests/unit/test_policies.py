"""The topic of policies: what of it is in force, and the event that changes it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from sluicegate.policies import SOURCE, History, history_of, policy_event
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import PolicyUpdate

NOW = 1_790_000_000_000_000


class Record(NamedTuple):
    value: bytes | None
    timestamp: int = NOW // 1000
    offset: int = 0
    partition: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


def limit(amount: str) -> PolicyUpdate:
    return PolicyUpdate(limits=(amount,))


def event(amount: str, at: int, tenant: str = "acme") -> bytes:
    return policy_event(tenant, limit(amount), NOW + at)[1]


def limits(held: History) -> list[str]:
    return [one.update.limits[0] for one in held.policies]


def test_event_is_one_that_the_stream_takes_and_alerts_name_its_id() -> None:
    id, value = policy_event("acme", limit("5"), NOW)
    found = decode(value, topic="policies", arrival_ms=NOW // 1000)
    assert found == Event(id, SOURCE, "policy.update.v1", NOW, "acme", limit("5"))


def test_same_policy_later_is_another_event_and_a_retry_is_not() -> None:
    first, retry, later = (policy_event("acme", limit("5"), NOW + at)[0] for at in (0, 0, 1))
    other = policy_event("beta", limit("5"), NOW)[0]
    assert first == retry
    assert len({first, later, other}) == 3


def test_last_policy_of_the_tenant_is_in_force() -> None:
    records = [
        Record(event("1", 0), offset=0),
        Record(event("9", 1, "beta"), offset=1),
        Record(event("2", 2), offset=2),
    ]
    held = history_of(records, "acme")
    assert limits(held) == ["1", "2"]
    assert held.in_force is not None
    assert (held.in_force.update, held.in_force.time) == (limit("2"), NOW + 2)
    assert history_of(records, "gamma") == History((), 0)
    assert history_of(records, "gamma").in_force is None


def test_repeated_event_does_not_take_effect_again_but_an_earlier_policy_published_anew_does() -> None:
    first, second = event("1", 0), event("2", 1)
    values = [first, second, first, event("1", 3)]
    assert limits(history_of([Record(v, offset=n) for n, v in enumerate(values)], "acme")) == ["1", "2", "1"]


def test_what_is_refused_is_counted_and_changes_nothing() -> None:
    good: Any = msgspec.json.decode(event("1", 0))
    bad = [
        {"limits": [1]},
        {"timezone": "Nowhere/At_All"},
        {"rules": {"near-limit": {"params": {"min_coun": 1}}}},
        {"rules": {"no-such-rule": {}}},
    ]
    values = [msgspec.json.encode(good | {"id": f"b{n}", "data": data}) for n, data in enumerate(bad)]
    values += [msgspec.json.encode(good | {"tenantid": "beta", "data": {"limits": [1]}}), b"{", b"\0", b"[]"]
    records = [Record(value, offset=n) for n, value in enumerate([event("1", 0), *values])]
    held = history_of([*records, Record(None)], "acme")
    assert (limits(held), held.refused) == (["1"], 4)


def test_order_within_a_partition_is_that_of_the_log_whatever_the_clocks_of_producers() -> None:
    records = [
        Record(event("1", 0), timestamp=5000, offset=0),
        Record(event("2", 1), timestamp=1000, offset=1),
        Record(event("3", 2), timestamp=6000, partition=1),
    ]
    for record in records:
        assert record.timestamp < NOW  # arrival before the event's time, but by less than would be refused
    late = [record._replace(timestamp=record.timestamp + NOW // 1000) for record in records]
    assert limits(history_of(late, "acme")) == ["1", "2", "3"]
    assert limits(history_of([late[2], *late[:2]], "acme")) == ["1", "2", "3"]


def test_framed_and_binary_records_are_read_as_intake_reads_them() -> None:
    framed = b"\0\0\0\0\7" + event("1", 0)
    headers = {"ce_specversion": "1.0", "ce_id": "x", "ce_source": "/s", "ce_type": "policy.update.v1"}
    headers |= {"ce_time": "2026-09-21T00:00:00Z", "ce_tenantid": "acme"}
    binary = Record(b'{"limits":["2"]}', offset=1, headers=tuple((k, v.encode()) for k, v in headers.items()))
    assert limits(history_of([Record(framed), binary], "acme")) == ["1", "2"]
