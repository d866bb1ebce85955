"""The lag exporter against the real Kafka: exact while nothing works, nothing once all is worked through."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sluicegate.embedded import EmbeddedKafka
from sluicegate.lag.exporter import watching
from sluicegate.lag.look import Look, Place
from sluicegate.settings import Settings
from sluicegate.topics import INTAKE
from tests.streams import events
from tests.streams.conftest import Run
from tests.streams.kafka import Kafka
from tests.streams.services import ServiceProcess
from tests.streams.workers import WorkerProcess, running

TENANTS = ("acme", "beta", "gamma", "delta")


def until(condition: Callable[[], bool], what: str, timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.1)


def settings_of(kafka: Kafka) -> Settings:
    return Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix, app_id=f"{kafka.prefix}app")


def behind(look: Look) -> dict[tuple[str, str], int]:
    """Records that wait, by stage and topic, where any do."""
    found: Counter[tuple[str, str]] = Counter()
    for place in look.places:
        found[place.stage, place.topic] += place.records
    return dict(+found)


def oldest(look: Look, stage: str) -> float:
    return max(place.seconds(look.at) for place in look.places if place.stage == stage)


def pay(kafka: Kafka, count: int, ago: float = 0) -> None:
    """Payments of several tenants, said to have been sent so many seconds ago; the first one a minute earlier."""
    now = time.time() - ago
    for number in range(count):
        tenant = TENANTS[number % len(TENANTS)]
        timestamp = int((now - (60 if number == 0 else 0)) * 1000)
        kafka.send("vendor-payments", [events.payment(tenant)], key=tenant, timestamp=timestamp)


def test_lag_is_exact_while_nothing_works_and_none_once_all_is_done(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    placing = WorkerProcess(kafka, tmp_path, "intake", agents="intake")
    last = WorkerProcess(kafka, tmp_path, "last")
    with running(worker, placing, last), watching(settings_of(kafka)) as watch:
        worker.start().ready().terminate()
        assert behind(watch.look()) == {}
        pay(kafka, 40, ago=200)
        seen = watch.look()
        assert behind(seen) == {("intake", "vendor-payments"): 40}
        assert oldest(seen, "intake") == pytest.approx(260, abs=5)
        assert oldest(seen, "detect") == 0
        assert seen.members == 0

        placing.start()
        until(lambda: behind(watch.look()) == {("detect", "events"): 40}, "all placed in the log")
        seen = watch.look()
        assert oldest(seen, "detect") == pytest.approx(260, abs=25)
        assert seen.members == 1
        assert {(place.position, place.records) for place in seen.places if place.topic == "events"} >= {(0, 0)}
        placing.terminate()
        pay(kafka, 7)
        assert behind(watch.look()) == {("detect", "events"): 40, ("intake", "vendor-payments"): 7}

        last.start()
        until(lambda: behind(watch.look()) == {}, "all worked through")
        seen = watch.look()
        worked = [place for place in seen.places if place.stage == "detect"]
        assert sum(place.end for place in worked) == 47
        assert all(place.position == place.end for place in seen.places)
        assert oldest(seen, "intake") == oldest(seen, "detect") == 0
        assert {place.topic for place in seen.places if place.stage == "intake"} == set(INTAKE)


def test_progress_is_found_behind_much_state_and_after_a_fresh_start(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path, partitions=1)
    with running(worker), watching(settings_of(kafka)) as watch:
        worker.start().ready()
        pay(kafka, 25)
        until(lambda: worker.metric("sluicegate_log_position") == 25, "worked through")
        worker.terminate()
        # as after a transaction that came to nothing, and then some: nothing near the end tells of progress
        kafka.send("state", [b"{}"] * 900, key="acme|none|1", partition=0)
        assert position(watch.look()) == 25
        with watching(settings_of(kafka)) as another:
            assert position(another.look()) == 25
        kafka.send("state", [b"{}"] * 40, key="acme|none|1", partition=0)
        assert position(watch.look()) == 25


def position(look: Look) -> int:
    (place,) = [place for place in look.places if place.topic == "events"]
    return place.position


def test_sightings_are_a_stage_of_their_own_and_markers_are_no_lag(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    again = WorkerProcess(kafka, tmp_path, "again")
    with running(worker, again), watching(settings_of(kafka)) as watch:
        worker.start().ready()
        kafka.send("policies", [events.policy(tenant, cross_tenant_counts=True) for tenant in TENANTS])
        until(lambda: behind(watch.look()) == {} and ends(watch.look(), "detect") == 4, "policies are in force")
        for tenant in TENANTS:
            wages = events.payment(tenant, f"of-{tenant}", fp="shared", value="1800.00", kind="employee")
            kafka.send("payroll-payments", [wages], key=tenant)
        # counts come back through intake: both topics are written in transactions, whose markers take offsets
        until(lambda: ends(watch.look(), "shared") > 4 and behind(watch.look()) == {}, "sightings answered")
        worker.terminate()
        (sighting, *_) = kafka.read("sightings")
        kafka.send("sightings", [sighting.value] * 3, key=sighting.key, partition=sighting.partition)
        assert behind(watch.look()) == {("shared", "sightings"): 3}
        again.start()
        until(lambda: behind(watch.look()) == {}, "sightings worked through")


def ends(look: Look, stage: str) -> int:
    return sum(place.end for place in look.places if place.stage == stage)


@pytest.fixture
def own() -> Iterator[EmbeddedKafka]:
    """A broker that a test may kill."""
    with EmbeddedKafka(report=lambda _: None) as embedded:
        yield embedded


@pytest.mark.kafka
def test_exporter_waits_for_topics_and_shows_a_broker_that_is_away(own: EmbeddedKafka, tmp_path: Path) -> None:
    with Kafka(own.bootstrap) as kafka:
        lag = ServiceProcess(kafka, tmp_path, "lag", every_seconds="0.5")
        worker = WorkerProcess(kafka, tmp_path)
    with running(lag, worker):
        lag.start()
        until(lambda: "waiting for topics" in lag.get("readyz")[1], "topics are waited for")
        assert lag.get("readyz")[0] == 503
        worker.start()
        lag.ready()
        with Kafka(own.bootstrap, kafka.prefix) as view:
            pay(view, 10)
        until(lambda: lag.metric("sluicegate_lag_end", stage="detect", topic="events") == 10, "the log's end")
        until(lambda: lag.metric("sluicegate_lag_records") == 0, "no lag")
        assert lag.metric("sluicegate_lag_position", stage="detect") == 10
        assert lag.metric("sluicegate_lag_group_members") == 1
        refreshed = lag.metric("sluicegate_lag_refreshed_timestamp_seconds")
        assert refreshed == pytest.approx(time.time(), abs=10)

        own.kill()
        until(lambda: lag.metric("sluicegate_lag_broker_away_seconds") > 2, "the broker's absence is shown")
        status, body = lag.get("readyz")
        assert status == 503
        assert "no Kafka broker answers" in json.loads(body)["why"]
        assert lag.get("livez")[0] == 200
        own.start()
        lag.ready(60)
        assert lag.metric("sluicegate_lag_broker_away_seconds") == 0
        assert lag.metric("sluicegate_lag_refreshed_timestamp_seconds") > refreshed
        assert lag.metric("sluicegate_lag_refresh_seconds_count") > 2
        status, seconds = lag.terminate()
        assert status == 0
        assert seconds < 5


def test_table_for_people(kafka: Kafka, run: Run) -> None:
    run("topics", "create", "--partitions", 2)
    pay(kafka, 6, ago=100)
    found = run("lag", "--once", "--app-id", f"{kafka.prefix}app")
    assert found.exit_code == 0, found.output
    rows = {line.split()[1]: line.split() for line in found.output.splitlines()[1:-1]}
    stage, _, partitions, _, records, seconds = rows["vendor-payments"]
    assert (stage, partitions, records) == ("intake", "2", "6")
    assert float(seconds) == pytest.approx(160, abs=10)
    assert rows["events"][:1] == ["detect"]
    assert found.output.splitlines()[-1] == "0 workers in the group"


def test_nothing_waits_where_the_position_is_the_end() -> None:
    place = Place("detect", "events", 0, position=5, end=5)
    assert (place.records, place.seconds(10.0)) == (0, 0.0)
    assert Place("detect", "events", 0, position=4, end=5, oldest=12_000).seconds(10.0) == 0.0
