"""Laws of detection, over generated logs: what must hold whatever comes in, and however it is cut into checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sluicegate.detection.clearance_records import DecisionRecord
from sluicegate.detection.partition import Counts, LogRecord, Outcome, Output, Partition
from sluicegate.detection.sightings import decode_sighting
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.scalars import parse_time
from sluicegate.wire.schema import alert_schema, type_schema
from tests.unit.detection.logs import GARBAGE, TENANTS, logs

RECORD_LIMIT = 64 * 1024
EXAMPLES = 30
law = settings(deadline=None, max_examples=EXAMPLES)
Worked = tuple[list[Output], Counts]


def work(partition: Partition, records: Sequence[LogRecord], batch: int = 0) -> Worked:
    """Apply the records, merging after every `batch`; all at once by default."""
    outputs: list[Output] = []
    counts = Counts()
    size = batch or max(len(records), 1)
    for start in range(0, len(records), size):
        run = partition.begin()
        for record in records[start : start + size]:
            run.apply(record)
        run.merge()
        outputs += run.outputs
        counts += run.counts
    return outputs, counts


def items(partition: Partition) -> list[tuple[str, bytes]]:
    return list(partition.items())


def reloaded(partition: Partition) -> Partition:
    """The same state in a new process."""
    new = Partition()
    for key, value in partition.items():
        new.load(key, value)
    new.ready()
    return new


def of(tenant: str, outputs: Iterable[Output]) -> list[Output]:
    own = [o for o in outputs if o.topic in ("alerts", "signals") and o.key.startswith(f"{tenant}|".encode())]
    return own + [o for o in outputs if o.topic == "decisions" and o.key == tenant.encode()]


@law
@given(logs(), st.integers(1, 7))
def test_cutting_the_log_into_checkpoints_changes_neither_outputs_nor_state(log: list[LogRecord], batch: int) -> None:
    whole, parts = Partition(), Partition()
    assert work(whole, log) == work(parts, log, batch)
    assert items(whole) == items(parts)


@law
@given(logs())
def test_duplicates_change_nothing(log: list[LogRecord]) -> None:
    once, twice = Partition(), Partition()
    outputs, counts = work(once, log)
    doubled = [again for record in log for again in (record, record)]
    outputs_twice, counts_twice = work(twice, doubled)
    assert [o for o in outputs_twice if o.topic != "dead-letters"] == [o for o in outputs if o.topic != "dead-letters"]
    assert items(once) == items(twice)
    assert counts_twice.applied == counts.applied
    assert counts_twice.dead_letters == 2 * counts.dead_letters


@law
@given(st.lists(st.binary(max_size=40) | st.sampled_from(GARBAGE), max_size=5), logs(6))
def test_no_bytes_raise_and_every_record_is_counted_once(garbage: list[bytes], log: list[LogRecord]) -> None:
    records = [LogRecord(n, 0, None, value) for n, value in enumerate([*garbage, *(r.value for r in log), None])]
    partition = Partition()
    _, counts = work(partition, records, 3)
    assert counts.total == len(records)


@law
@given(logs(), st.integers(0, 24), st.integers(1, 5))
def test_state_loaded_after_any_prefix_goes_on_the_same(log: list[LogRecord], prefix: int, batch: int) -> None:
    going_on = Partition()
    work(going_on, log[:prefix], batch)
    restarted = reloaded(going_on)
    assert items(restarted) == items(going_on)
    assert work(restarted, log[prefix:], batch) == work(going_on, log[prefix:], batch)
    assert items(restarted) == items(going_on)


@law
@given(logs(), st.integers(0, 24), st.integers(0, 24))
def test_dropped_run_leaves_no_trace(log: list[LogRecord], prefix: int, dropped: int) -> None:
    plain, troubled = Partition(), Partition()
    for partition in (plain, troubled):
        work(partition, log[:prefix])
    before = items(troubled)
    run = troubled.begin()
    for record in log[prefix : prefix + dropped]:
        run.apply(record)
    run.changes()
    assert items(troubled) == before
    assert work(troubled, log[prefix:]) == work(plain, log[prefix:])
    assert items(troubled) == items(plain)


@law
@given(logs(), st.integers(1, 5))
def test_changes_are_the_difference_between_before_and_after(log: list[LogRecord], batch: int) -> None:
    partition = Partition()
    copy: dict[str, bytes | None] = {}
    for start in range(0, len(log), batch):
        run = partition.begin()
        for record in log[start : start + batch]:
            run.apply(record)
        for key, value in run.changes().items():
            assert copy.get(key) != value
            copy[key] = value
        run.merge()
    assert items(partition) == sorted((key, value) for key, value in copy.items() if value is not None)


@law
@given(logs())
def test_tenants_do_not_influence_each_other(log: list[LogRecord]) -> None:
    together = Partition()
    outputs, _ = work(together, log)
    held = items(together)
    for tenant in TENANTS:
        alone = Partition()
        own, _ = work(alone, [r for r in log if _concerns(tenant, r)])
        assert of(tenant, own) == of(tenant, outputs)
        assert _of_tenant(tenant, items(alone)) == _of_tenant(tenant, held)


def _concerns(tenant: str, record: LogRecord) -> bool:
    event = decode(record.value, internal=True)
    return isinstance(event, Event) and event.tenant in (tenant, "*")


def _of_tenant(tenant: str, held: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(key, value) for key, value in held if key.startswith(f"{tenant}|")]


@cache
def _validator(topic: str) -> Draft202012Validator:
    return Draft202012Validator(type_schema("decision.v1") if topic == "decisions" else alert_schema())


@law
@given(logs())
def test_outputs_fit_the_schema_revisions_have_no_gaps_and_records_are_small(log: list[LogRecord]) -> None:
    partition = Partition()
    outputs, _ = work(partition, log)
    revisions: dict[str, int] = {}
    ids: set[str] = set()
    for output in outputs:
        if output.topic == "sightings":
            assert decode_sighting(output.value) is not None
        if output.topic in ("dead-letters", "sightings"):
            continue
        event: Any = json.loads(output.value)
        _validator(output.topic).validate(event)
        assert output.key.decode() == event["partitionkey"]
        data = event["data"]
        if output.topic == "decisions":
            decision, revision = event["subject"], data["revision"]
            assert (event["id"], revision) == (f"{decision}-{revision}", revisions.get(decision, 0) + 1)
            revisions[decision] = revision
        if output.topic == "alerts":
            assert event["id"] not in ids
            ids.add(event["id"])
            assert data["revision"] == revisions.get(data["alert_id"], 0) + 1
            assert (data["activity"] == "create") == (data["revision"] == 1)
            revisions[data["alert_id"]] = data["revision"]
            assert data["score"] == max(reason["score"] for reason in data["reasons"])
            first, last = parse_time(data["first_event_at"]), parse_time(data["last_event_at"])
            assert first is not None
            assert last is not None
            assert first <= last
    for key, value in partition.items():
        assert len(value) <= RECORD_LIMIT, key


@law
@given(logs())
def test_detection_itself_never_fails(log: list[LogRecord]) -> None:
    """No rule and no step raises on generated events: what they cannot judge they name, and go on."""
    partition = Partition()
    run = partition.begin()
    outcomes = [run.apply(record) for record in log]
    assert run.faults == []
    for record, outcome in zip(log, outcomes, strict=True):
        if outcome is not Outcome.DEAD_LETTER:
            assert isinstance(decode(record.value, internal=True), Event)


@law
@given(logs(cleared=True))
def test_last_decision_names_just_the_open_alerts_of_the_payment(log: list[LogRecord]) -> None:
    partition = Partition()
    outputs, _ = work(partition, log)
    events = [json.loads(o.value) for o in outputs if o.topic in ("alerts", "decisions")]
    alerts = {(e["tenantid"], e["data"]["alert_id"]): e["data"] for e in events if e["type"] == "alert.v1"}
    decided = {e["subject"]: e for e in events if e["type"] == "decision.v1"}
    held = {key for key, _ in partition.items()}
    for event in decided.values():
        data, tenant = event["data"], event["tenantid"]
        if f"{tenant}|{DecisionRecord.KIND}|{data['run_id']}\n{data['payment_id']}" not in held:
            continue
        named = {id for (of, id), one in alerts.items() if of == tenant and data["payment_id"] in one["payment_ids"]}
        open = {id for id in named if alerts[tenant, id]["activity"] != "close"}
        assert open <= {*data["alert_ids"]}
        assert all(alerts[tenant, id]["activity"] != "close" for id in data["alert_ids"])
        if not data["alert_ids"]:
            assert (data["decision"], data["score"]) == ("release", 0)
        else:
            assert data["score"] >= max(alerts[tenant, id]["score"] for id in data["alert_ids"])
