"""The worker's parts that need no broker: settings, gate, inbox, placement, progress, metrics, errors."""

import asyncio
import inspect
import json
from collections.abc import Iterable

import msgspec
import pytest
from aiokafka.structs import ConsumerRecord
from faust.types import TP
from prometheus_client.parser import text_string_to_metric_families

from sluicegate import errors
from sluicegate.configuration import part
from sluicegate.errors import SettingsError, SluicegateError, StateUnreadableError
from sluicegate.log.chunks import Gate
from sluicegate.log.inbox import Doubt, Inbox
from sluicegate.log.placement import Placer
from sluicegate.log.progress import Progress, Tally, digest
from sluicegate.log.writer import Entry
from sluicegate.metrics import Metrics
from sluicegate.settings import Settings, load
from sluicegate.topics import COUNTS, LOG, OUTPUTS, RUNS, SHARED_STATE, SIGHTINGS, SOURCES, STATE, plan
from sluicegate.wire.decode import Reject
from tests.streams import events


def record(
    offset: int,
    value: bytes | None = b"{}",
    *,
    topic: str = "vendor-payments",
    key: bytes | None = None,
    timestamp: int = 1_000,
    headers: Iterable[tuple[str, bytes]] = (),
) -> ConsumerRecord:
    sizes = (len(key) if key is not None else -1, len(value) if value is not None else -1)
    return ConsumerRecord(topic, 0, offset, timestamp, 0, key, value, None, *sizes, tuple(headers))


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SLUICEGATE_BROKR": "x"}, "SLUICEGATE_BROKR is not a setting (did you mean SLUICEGATE_BROKER?)"),
        ({"SLUICEGATE_PARTITIONS": "0"}, "SLUICEGATE_PARTITIONS: Expected `int` >= 1"),
        ({"SLUICEGATE_TRANSACTION_TIMEOUT": "30"}, "SLUICEGATE_TRANSACTION_TIMEOUT: Expected `float` <= 10"),
        (
            {"SLUICEGATE_AGENTS": "some"},
            "SLUICEGATE_AGENTS: Invalid enum value 'some'; must be one of all, intake, detect",
        ),
        ({"SLUICEGATE_PORTS": "1"}, "SLUICEGATE_PORTS is not a setting"),
        ({"SLUICEGATE_TOPIC_PREFIX": "a b"}, "SLUICEGATE_TOPIC_PREFIX: Expected `str` matching regex"),
    ],
)
def test_setting_that_is_unknown_or_out_of_bounds_is_refused_by_its_name(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environ)
    assert str(refused.value).startswith(said)


def test_given_options_win_over_the_environment_and_none_means_not_given() -> None:
    settings = load({"SLUICEGATE_PARTITIONS": "8", "PATH": "/bin"}, partitions="16", broker=None)
    assert (settings.partitions, settings.broker) == (16, "127.0.0.1:9092")


def test_refused_option_is_named_with_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"^--log-level \(SLUICEGATE_LOG_LEVEL\): .* debug, info, warning, error$"):
        load({}, log_level="LOUD")


@pytest.mark.parametrize("name", ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_WEB", "PORT", "PORT_6066_TCP_ADDR"])
def test_variable_that_kubernetes_makes_for_a_service_is_no_setting(name: str) -> None:
    assert load({f"SLUICEGATE_{name}": "tcp://10.0.0.1:6066"}) == Settings()


def test_every_setting_is_described_and_its_default_is_within_its_bounds() -> None:
    for one in part("worker").settings:
        assert one.meaning, one.variable
        given = {one.variable: one.default} if one.default else {}
        assert load(given) == Settings(), one.variable


# -- topics ------------------------------------------------------------------------------------------------------------


def test_plan_holds_every_topic_with_its_prefix_and_the_log_keeps_its_records() -> None:
    topics = {topic.topic: topic for topic in plan(Settings(topic_prefix="a.", output_prefix="b."))}
    assert sorted(topics) == sorted((*SOURCES, RUNS, LOG, STATE, *OUTPUTS, SHARED_STATE))
    assert (topics[SIGHTINGS].name, topics[COUNTS].name, topics[SHARED_STATE].name) == (
        "b.sightings",
        "b.counts",
        "b.shared-state",
    )
    assert (topics[LOG].name, topics[STATE].name, topics["alerts"].name) == ("a.events", "b.state", "b.alerts")
    assert (topics[LOG].configs["retention.ms"], topics[STATE].configs["cleanup.policy"]) == ("-1", "compact")


# -- gate and inbox ----------------------------------------------------------------------------------------------------


def test_gate_hands_out_what_is_due_and_closes_on_anything_else() -> None:
    gate, suspects = Gate("events"), []
    gate.on_suspect = lambda partition, why: suspects.append((partition, why))
    assert gate.admit(0, [record(0)]) == ()
    gate.open(0, 5)
    assert len(gate.admit(0, [record(5), record(6)])) == 2
    assert gate.expected(0) == 7
    assert gate.admit(0, [record(8)]) == ()
    assert gate.expected(0) is None
    gate.open(0, 7)
    assert gate.admit(0, [record(6), record(7)]) == ()
    assert suspects == [(0, "offset 7 was due, 8 came"), (0, "offset 7 was due, 6 came")]


def test_gate_takes_sources_unless_held_and_the_log_only_while_open() -> None:
    gate, log, source = Gate("events"), TP("events", 1), TP("policies", 1)
    assert (gate.takes(log), gate.takes(source)) == (False, True)
    gate.open(1, 0)
    gate.hold(log)
    gate.hold(source)
    assert (gate.takes(log), gate.takes(source)) == (False, False)
    gate.release(log)
    assert gate.takes(log)
    gate.close_all()
    assert (gate.takes(log), gate.takes(source)) == (False, True)


def test_inbox_is_paused_when_full_and_resumed_when_half_empty() -> None:
    said: list[str] = []
    inbox = Inbox(1000, lambda: said.append("hold"), lambda: said.append("release"), asyncio.Event())
    inbox.offer([record(number, b"x" * 300) for number in range(4)])
    assert (said, len(inbox), inbox.following) == (["hold"], 4, 4)
    taken = [one.offset for one in inbox.take()]
    assert (taken, said, inbox.bytes) == ([0, 1, 2, 3], ["hold", "release"], 0)
    inbox.offer([record(4, b"x" * 2000)])
    inbox.doubt("offset 4 came twice")
    with pytest.raises(Doubt, match="offset 4 came twice"):
        next(inbox.take())
    inbox.clear()
    assert (said, list(inbox.take())) == (["hold", "release"] * 2, [])


def test_gate_of_a_topic_with_gaps_asks_what_came_before() -> None:
    gate, suspects = Gate("sightings", gapless=False), []
    gate.on_suspect = lambda partition, why: suspects.append((partition, why))
    gate.open(0, 5)
    assert len(gate.admit(0, [record(6), record(9)], 5)) == 2
    assert gate.expected(0) == 10
    assert gate.admit(0, [record(14)], 12) == ()
    gate.open(0, 10)
    assert gate.admit(0, [record(9), record(14)], 10) == ()
    assert suspects == [(0, "offset 10 was due, 14 came"), (0, "offset 10 was due, 9 came")]


# -- placement ---------------------------------------------------------------------------------------------------------


def entries(placed: Iterable[Entry] | Reject) -> list[Entry]:
    assert not isinstance(placed, Reject)
    return list(placed)


@pytest.mark.parametrize(
    ("tenant", "murmur2"),
    [("21", -973932308), ("foobar", -790332482), ("abc", 479470107), ("a-little-bit-long-string", -985981536)],
)
def test_tenant_lies_where_kafkas_own_partitioner_puts_its_id(tenant: str, murmur2: int) -> None:
    # hashes as Apache Kafka's own tests have them
    assert Placer("", 12).partition(tenant) == (murmur2 & 0x7FFFFFFF) % 12


def test_placed_record_carries_its_place_and_its_own_headers_but_none_that_look_like_ours() -> None:
    value = json.dumps(events.payment("acme")).encode()
    now = 1_795_000_000_000
    one = record(7, value, key=b"k", timestamp=now, headers=[("sg-offset", b"9"), ("trace", b"t")])
    [entry] = entries(Placer("", 4).place(one))
    assert entry.headers == [
        ("sg-topic", b"vendor-payments"),
        ("sg-partition", b"0"),
        ("sg-offset", b"7"),
        ("sg-key", b"k"),
        ("trace", b"t"),
    ]
    assert (entry.key, entry.value, entry.timestamp) == (b"acme", value, now)


def test_refused_record_becomes_a_letter_with_the_bytes_as_they_came() -> None:
    one = record(7, b"\x00\x01", key=b"k", headers=[("h", b"v")])
    placer = Placer("", 4)
    reject = placer.place(one)
    assert isinstance(reject, Reject)
    entry = placer.letter(one, reject, "dead-letters")
    letter = json.loads(entry.value)
    assert (entry.key, entry.partition) == (b"vendor-payments/0/7", None)
    assert (letter["reason"], letter["value_b64"], letter["headers"]) == ("bad_framing", "AAE=", {"h": "dg=="})


@pytest.mark.parametrize(
    ("topic", "type_", "reason"),
    [
        ("x.counts", "shared.count.v1", None),
        ("counts", "shared.count.v1", "unknown_type"),
        ("payroll-payments", "shared.count.v1", "unknown_type"),
        ("x.counts", "clock.tick.v1", "wrong_topic"),
        ("x.counts", "sighting.v1", "unknown_type"),
    ],
)
def test_counts_come_from_their_own_topic_alone(topic: str, type_: str, reason: str | None) -> None:
    at = "2026-06-11T09:00:00Z"
    count = {"rule": "shared-wallet", "pivot": "wallet:w", "count": 2, "source": "/s", "id": "e", "time": at}
    value = json.dumps(events.event(type_, "acme", count | {"at": at})).encode()
    placed = Placer("", 4, "x.counts").place(record(3, value, topic=topic, timestamp=2_000_000_000_000))
    assert (placed.reason if isinstance(placed, Reject) else None) == reason


# -- progress ----------------------------------------------------------------------------------------------------------


def test_progress_is_balanced_as_long_as_every_record_is_counted() -> None:
    start = Progress.start(topic_id="t", partitions=4, first=10)
    after = start.after(record(12, b"v"), Tally(applied=1, duplicates=1, ticks=1))
    assert (start.following, after.following, after.balanced) == (10, 13, True)
    assert not start.after(record(12, b"v"), Tally(applied=2)).balanced
    assert Progress.decode(after.encode()) == after


@pytest.mark.parametrize("value", [b"{", b'{"version":2}', b'{"version":1}', b"[]"])
def test_progress_that_cannot_be_read_is_refused(value: bytes) -> None:
    with pytest.raises(StateUnreadableError):
        Progress.decode(value)


def test_digest_tells_key_value_and_time_apart() -> None:
    different = [
        record(1, b"ab", key=b"c"),
        record(1, b"b", key=b"ca"),
        record(1, None, key=b"c"),
        record(1, b"-", key=b"c"),
        record(1, b"ab", key=b"c", timestamp=2),
    ]
    assert len({digest(one) for one in different}) == len(different)
    assert digest(record(1, b"v")) == digest(record(2, b"v"))


# -- metrics and errors ------------------------------------------------------------------------------------------------


def test_metrics_are_ours_described_and_show_the_invariant() -> None:
    metrics = Metrics()
    metrics.show_progress(3, Progress.start(topic_id="t", partitions=4).after(record(4), Tally(applied=4)))
    metrics.count_detection({("finding", "pay-spike", "alert"): 2, ("list_switch", "whatever a feed says"): 1})
    text = metrics.render().decode()
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        assert family.name.startswith(("sluicegate_", "process_")), family.name
        assert not family.name.startswith("sluicegate_") or family.documentation.endswith("."), family.name
    assert 'sluicegate_log_unaccounted_records{partition="3"} 1.0' in text
    assert 'sluicegate_findings_total{outcome="alert",rule="pay-spike"} 2.0' in text
    assert "whatever" not in text
    metrics.forget_partition(3)
    assert 'partition="3"' not in metrics.render().decode()


def test_every_error_says_what_an_operator_does() -> None:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)]
    assert sorted(one.__name__ for one in classes) == [name for name in errors.__all__ if name[0].isupper()]
    assert len(classes) < 20
    for one in classes:
        assert issubclass(one, SluicegateError)
        assert "Operator action:" in (one.__doc__ or ""), one


def test_settings_are_a_struct_of_known_fields_only() -> None:
    with pytest.raises(TypeError):
        msgspec.structs.replace(Settings(), no_such_setting=1)
