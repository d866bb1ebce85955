"""The generator as a whole: what it promises about bytes, order, stamps and sizes."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice, pairwise

import msgspec
import pytest

from sluicegate.generate.days import DAY, SECOND
from sluicegate.generate.drafts import FEEDS
from sluicegate.generate.stream import WARM_UP_DAYS, Generated, Generator
from sluicegate.wire.decode import Event, decode

START = 1_781_161_200_000_000  # 11 June 2026, 07:00 UTC


def made(seed: int, count: int = 12_000, **options: float) -> list[Generated]:
    options = {"tenants": 6, "payees": 400, **options}
    return list(Generator(seed, start=START, **options).bulk(count))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def events() -> list[Generated]:
    return made(11, 60_000, scheme_share=0.004)


def test_same_seed_gives_same_bytes() -> None:
    assert [(e.topic, e.key, e.value) for e in made(5)] == [(e.topic, e.key, e.value) for e in made(5)]


def test_other_seed_or_start_gives_other_tenants_or_ids() -> None:
    assert not {e.tenant for e in made(5, 3_000)} & {e.tenant for e in made(6, 3_000)} - {"*"}
    later = Generator(5, start=START + DAY, tenants=6, payees=400).bulk(3_000)
    assert not {_id(e) for e in made(5, 3_000)} & {_id(e) for e in later}


def test_every_event_decodes_on_its_topic(events: list[Generated]) -> None:
    rejects = Counter(str(r) for e in events if not isinstance(r := decode(e.value, topic=e.topic), Event))
    assert not rejects


def test_event_is_what_its_record_says(events: list[Generated]) -> None:
    for record in islice(events, 0, None, 37):
        event = decode(record.value)
        assert isinstance(event, Event)
        assert (event.time, event.tenant) == (record.time, record.tenant)
        assert FEEDS[event.type][0] == record.topic
        assert record.key.decode() == (record.tenant if record.tenant != "*" else "dprk-2025-08-27")


def test_ids_and_payment_ids_are_unique(events: list[Generated]) -> None:
    assert len({_id(e) for e in events}) == len(events)
    payments = Counter()  # type: Counter[tuple[str, str, int]]
    for e in events:
        if e.topic in ("payroll-payments", "vendor-payments"):
            data = msgspec.json.decode(e.value)["data"]
            payments[(e.tenant, data["payment_id"], data.get("split", {}).get("index", 0))] += 1
    assert set(payments.values()) == {1}


def test_order_is_event_time_and_policy_comes_first(events: list[Generated]) -> None:
    assert all(a.time <= b.time for a, b in pairwise(events))
    first: dict[str, str] = {}
    for e in events:
        first.setdefault(e.tenant, e.topic)
    assert first.pop("*") == "sanctions"
    assert set(first.values()) == {"policies"}


def test_all_kinds_of_event_occur(events: list[Generated]) -> None:
    topics = Counter(e.topic for e in events)
    assert set(topics) == {topic for topic, _ in FEEDS.values()}
    assert topics["payroll-payments"] > topics["vendor-payments"] > topics["payout-requests"]
    statuses = Counter(msgspec.json.decode(e.value)["data"]["status"] for e in events if e.topic == "payment-status")
    assert statuses["settled"] > 50 * statuses["returned"] > 0
    payments = [msgspec.json.decode(e.value)["data"] for e in events if e.topic == "payroll-payments"]
    assert any("split" in p for p in payments)
    assert any("amount_base" in p for p in payments)
    assert {"employee", "contractor"} == {p["payee"]["kind"] for p in payments}


def test_no_period_is_paid_twice_to_one_payee(events: list[Generated]) -> None:
    seen = Counter()  # type: Counter[tuple[str, ...]]
    for e in events:
        if e.topic == "payroll-payments":
            data = msgspec.json.decode(e.value)["data"]
            if "run_id" in data["schedule"] and data.get("split", {}).get("index", 1) == 1:
                seen[(e.tenant, data["payee"]["payee_id"], data["schedule"]["period_end"])] += 1
    assert set(seen.values()) == {1}


def test_no_account_number_travels(events: list[Generated]) -> None:
    allowed = {"fp", "scheme", "country", "bank_id", "bank_name", "last4", "holder_name", "joint"}
    for e in events:
        data = msgspec.json.decode(e.value)["data"]
        for name in ("account", "new_account", "old_account", "corrected_account"):
            assert set(data.get(name, ())) <= allowed


def test_history_ends_at_start_and_live_events_are_stamped_by_the_caller() -> None:
    generator = Generator(3, start=START, tenants=3, payees=120)
    past = list(generator.history())
    assert START - DAY * 4 < past[-1].time < START
    now, stamps = START + 5 * SECOND, []
    for _ in range(2_000):
        now += SECOND // 20
        record = generator.next_live(now)
        assert now - SECOND < record.time <= now
        event = decode(record.value, topic=record.topic, arrival_ms=now // 1000)
        assert isinstance(event, Event)
        assert event.time == record.time
        stamps.append(record.time)
    assert stamps == sorted(stamps)


def test_live_without_history_begins_with_list_and_policies() -> None:
    generator = Generator(3, start=START, tenants=2, payees=40, history_days=0)
    assert [generator.next_live(START).topic for _ in range(3)] == ["sanctions", "policies", "policies"]
    assert 0 < generator.events_per_second < 1


def test_live_stamps_follow_a_clock_that_is_set_back() -> None:
    generator = Generator(3, start=START, tenants=1, payees=20, history_days=0, lists=False)
    assert generator.next_live(START).time <= START
    assert generator.next_live(START - DAY).time <= START - DAY


def test_heavy_tenant_has_nine_tenths_of_the_events() -> None:
    records = Counter(e.tenant for e in Generator(3, start=START, payees=1_500, heavy=0.9).history())
    assert 0.87 < max(records.values()) / records.total() < 0.96


@pytest.mark.parametrize(("count", "tenants", "span"), [(20_000, 8, 300), (20_000, 40, 200), (5_000, 1, 100)])
def test_sized_generator_has_room_before_its_end(count: int, tenants: int, span: int) -> None:
    generator = Generator.sized(2, count, end=START, days=span, tenants=tenants)
    assert len(generator.tenants) == tenants
    *_, last = generator.bulk(count)
    assert last.time < START


def test_policies_are_renewed_or_not() -> None:
    often = Counter(e.topic for e in made(4, policy_days=20))
    never = Counter(e.topic for e in made(4, policy_days=0))
    assert never["policies"] == 6 < often["policies"]


def test_rules_go_into_every_policy() -> None:
    off = {"unusual-payment": {"mode": "off"}}
    generator = Generator(1, start=START, tenants=2, payees=30, rules=off)
    policies = [e for e in generator.bulk(3_000) if e.topic == "policies"]
    assert all(msgspec.json.decode(e.value)["data"]["rules"] == off for e in policies)


@pytest.mark.parametrize("options", [{"tenants": 0}, {"history_days": -1}, {"scheme_share": 0.9}, {"verdict_share": 2}])
def test_senseless_numbers_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="tenants from 1"):
        Generator(1, start=START, **options)  # type: ignore[arg-type]


def test_schemes_wait_for_a_past(events: list[Generated]) -> None:
    first = next(e for e in events if e.label)
    assert first.time >= events[0].time + (WARM_UP_DAYS - 1) * DAY


def test_speed_is_enough_for_a_backlog() -> None:
    generator = Generator(9, start=START, payees=2_000)
    begun = time.process_time()
    count = sum(1 for _ in generator.bulk(30_000))
    assert count / (time.process_time() - begun) > 15_000  # alone on a core of 2024 it makes 70,000


def _id(record: Generated) -> str:
    return str(msgspec.json.decode(record.value)["id"])
