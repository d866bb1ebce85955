"""The metrics of a worker without Kafka: closed label sets, a budget of series, and what the core counts."""

import ast
import random
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, Gauge, Histogram

from sluicegate import label_sets
from sluicegate.detection.log import LogRecord, Outcome, Volume
from sluicegate.detection.partition import Partition
from sluicegate.detection.records import NoticeRecord, PolicyRecord
from sluicegate.detection.shared import SharedPartition
from sluicegate.detection.sightings import encode_sighting
from sluicegate.detection.state import PIECE, State, TenantStore, stored
from sluicegate.generate.stream import Generator
from sluicegate.instruments import BulkHistogram
from sluicegate.log.held import Held
from sluicegate.log.inbox import Inbox
from sluicegate.metrics import Metrics
from sluicegate.topics import INTAKE, OUTPUTS
from sluicegate.version import RULESET, __version__
from sluicegate.wire.canary import CANARY_TENANT
from tests.streams import events
from tests.unit.detection.test_sightings import sighting

PARTITIONS, BUDGET = 32, 3000
"""Series that one worker may have when it holds all of so many partitions; a Prometheus server holds millions."""

CLOSED = {
    label_sets.PARTITIONS: "partition",
    INTAKE: "topic",
    OUTPUTS: "topic",
    (__version__,): "version",
    (RULESET,): "ruleset",
    label_sets.BROUGHT_BY: "topic",
    label_sets.OUTCOMES: "outcome",
    label_sets.COUNTED: "outcome",
    label_sets.FOUND: "outcome",
    label_sets.STEPS: "step",
    label_sets.AGENTS: "agent",
    label_sets.RESULTS: "result",
    label_sets.SWITCHES: "result",
    label_sets.RULES: "rule",
    label_sets.FIELDS: "field",
    label_sets.CAUSES: "cause",
    label_sets.REASONS: "reason",
    label_sets.SEVERITIES: "severity",
    label_sets.FAMILIES: "family",
    label_sets.ACTIVITIES: "activity",
    label_sets.DECISIONS: "decision",
    label_sets.STREAMS: "stream",
    label_sets.STAGES: "stage",
    label_sets.LISTS: "list",
}
"""The registry of closed sets, and the label that each is of. Whoever adds one here answers for its size."""


def scraped(metrics: Metrics) -> list[str]:
    """The lines of the series, without those of the process."""
    lines = metrics.render().decode().splitlines()
    return [line for line in lines if not line.startswith(("#", "process_"))]


def open_labels(metrics: Metrics) -> list[str]:
    """Metrics whose labels are not of the registry, or have values that are not of their set."""
    known = {one.name.removesuffix("_total"): one for one in metrics.instruments.declared}
    wrong = []
    for family in metrics.registry.collect():
        if family.name.startswith("process_"):
            continue
        sets = known[family.name].sets if family.name in known else {}
        closed = all(CLOSED.get(values) == name for name, values in sets.items())
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            closed &= labels.keys() == sets.keys()
            closed &= all(value in sets[name] if sets.get(name) else value.isdigit() for name, value in labels.items())
        if not closed:
            wrong.append(family.name)
    return wrong


def full(partitions: int) -> Metrics:
    """Every series there can be."""
    metrics = Metrics()
    for one in metrics.instruments.declared:
        for values in one.children(partitions) if one.sets else ():
            one.metric.labels(*values)
    return metrics


def worked(partition: Partition, generator: Generator, records: int, batch: int = 100) -> Counter[tuple[str, ...]]:
    """Generated events through the core; what it counted."""
    counted: Counter[tuple[str, ...]] = Counter()
    made = [
        LogRecord(offset, event.time // 1000, event.key, event.value)
        for offset, event in enumerate(islice(generator.events(), records))
    ]
    for start in range(0, records, batch):
        partition.begin().apply(made[start])  # dropped: nothing of it may be counted
        run = partition.begin()
        for record in made[start : start + batch]:
            run.apply(record)
        run.merge()
        counted += run.tallies
        written = Counter(
            (data["severity"], data["family"], data["activity"])
            for data in (
                msgspec.json.decode(output.value)["data"] for output in run.outputs if output.topic == "alerts"
            )
        )
        assert {tuple(rest): n for (what, *rest), n in run.tallies.items() if what == "alert"} == written
    return counted


@pytest.fixture(scope="module")
def ran() -> tuple[Partition, Counter[tuple[str, ...]]]:
    partition = Partition()
    return partition, worked(partition, Generator(3, start=1_781_161_200_000_000, tenants=2, payees=150), 6000)


# -- labels and the budget ---------------------------------------------------------------------------------------------


def test_series_of_a_worker_are_within_their_budget() -> None:
    metrics = full(PARTITIONS)
    assert len(scraped(metrics)) == metrics.instruments.series(PARTITIONS) <= BUDGET


def test_all_labels_are_of_closed_sets(ran: tuple[Partition, Counter[tuple[str, ...]]]) -> None:
    metrics = full(2)
    metrics.count_detection(ran[1])
    metrics.count_events({("vendor-payments", outcome): 1 for outcome in Outcome}, [0.1])
    assert open_labels(metrics) == []


def test_label_of_an_open_set_is_found() -> None:
    metrics = Metrics()
    metrics.instruments.counter("payees", "By tenant.", tenant=("acme",))
    Gauge("sluicegate_beside", "Not declared.", ("tenant",), registry=metrics.registry).labels("acme")
    metrics.letters.labels("whatever a record says")
    assert open_labels(metrics) == ["sluicegate_dead_letters", "sluicegate_payees", "sluicegate_beside"]


def test_series_of_closed_sets_are_there_from_the_start() -> None:
    lines = scraped(Metrics())
    assert 'sluicegate_checkpoints_total{agent="shared",result="fenced"} 0.0' in lines
    assert 'sluicegate_dead_letters_total{reason="bad_amount"} 0.0' in lines
    assert 'sluicegate_alerts_total{activity="create",family="crypto",severity="critical"} 0.0' in lines
    assert 'sluicegate_step_seconds_count{step="append"} 0.0' in lines
    assert f'sluicegate_build_info{{ruleset="{RULESET}",version="{__version__}"}} 1.0' in lines


def test_bound_of_the_objective_is_a_bucket() -> None:
    lines = scraped(Metrics())
    for name in ("event_age", "event_to_alert"):
        assert f'sluicegate_{name}_seconds_bucket{{le="2.0"}} 0.0' in lines


def test_fields_that_rules_may_lack_are_all_known() -> None:
    """Those that rules name as they stand; the others come through the roster and the payslips."""
    named: set[str] = set()
    roots = Path(label_sets.__file__).parents[2] / "models" / "sluicegate"
    for file in (*(roots / "rules").glob("*.py"), *(roots / "detection").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NotEvaluable":
                texts = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
                named.update(text for text in texts if isinstance(text, str) and not text.endswith("."))
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "lacking":
                named.add(ast.literal_eval(node.value))
    assert len(named) > 15
    assert named <= {*label_sets.FIELDS}


# -- what the core counts ----------------------------------------------------------------------------------------------


def test_core_counts_alerts_scores_and_warm_up(ran: tuple[Partition, Counter[tuple[str, ...]]]) -> None:
    """Alerts are held against the outputs as the fixture is made."""
    tallies = ran[1]
    assert sum(times for (what, *_), times in tallies.items() if what == "alert") > 10
    for stream in label_sets.STREAMS:
        assert tallies["warming", stream] > 500, "the first 500 of each tenant only teach"
    assert sum(times for (what, *_), times in tallies.items() if what == "scored") > 100


def test_score_is_shown_as_a_power_of_ten() -> None:
    metrics = Metrics()
    metrics.count_detection({("scored", "vendor", "1.3"): 2, ("scored", "vendor", "4.0"): 1, ("warming", "vendor"): 5})
    lines = scraped(metrics)
    assert 'sluicegate_anomaly_payments_total{stage="scored",stream="vendor"} 3.0' in lines
    assert 'sluicegate_anomaly_payments_total{stage="warming",stream="vendor"} 5.0' in lines
    assert 'sluicegate_anomaly_score_bucket{le="1.5",stream="vendor"} 2.0' in lines
    assert 'sluicegate_anomaly_score_bucket{le="4.0",stream="vendor"} 3.0' in lines
    assert 'sluicegate_anomaly_score_sum{stream="vendor"} 6.6' in lines


def test_verdicts_are_counted_by_what_they_say() -> None:
    run = Partition().begin()
    for number, said in enumerate(("benign", "benign", "escalated")):
        value = events.verdict("acme", f"al_{'0' * 32}", said)
        run.apply(LogRecord(number, 0, b"acme", msgspec.json.encode(value)))
    assert run.tallies == {("disposition", "benign"): 2, ("disposition", "escalated"): 1}


@pytest.mark.parametrize(("tenant", "counted"), [("acme", 1), (CANARY_TENANT, 0)])
def test_canary_raises_alerts_that_are_not_counted(tenant: str, counted: int) -> None:
    run = Partition().begin()
    for number in range(4):
        paid = events.payment(tenant, "V3", fp="fp_old" if number < 3 else "fp_new", minutes=30 * number * events.DAY)
        run.apply(LogRecord(number, 0, tenant.encode(), msgspec.json.encode(paid)))
    assert [output.topic for output in run.outputs if output.topic == "alerts"] == ["alerts"]
    assert run.tallies["alert", "medium", "account", "create"] == counted
    assert run.tallies["warming", "vendor"] == 4 * counted


def test_event_that_detection_fails_on_is_an_internal_error_too() -> None:
    metrics = Metrics()
    metrics.count_detection({("dead_letter", "internal_error"): 2, ("dead_letter", "bad_amount"): 1})
    assert "sluicegate_internal_errors_total 2.0" in scraped(metrics)
    assert 'sluicegate_dead_letters_total{reason="internal_error"} 2.0' in scraped(metrics)


# -- state in memory ---------------------------------------------------------------------------------------------------


def counted_anew(stores: dict[str, TenantStore]) -> Volume:
    rows = [value for store in stores.values() for held in store.records.values() for value in held.values()]
    return Volume(len(rows), sum(map(len, rows)))


def test_volume_of_state_is_kept_up_with_merges_and_after_recovery(
    ran: tuple[Partition, Counter[tuple[str, ...]]],
) -> None:
    partition = ran[0]
    assert partition.volume == counted_anew(partition.stores)
    assert partition.volume.records > 300
    again = Partition()
    for key, value in partition.items():
        again.load(key, value)
    again.ready()
    assert again.volume == partition.volume


def test_volume_counts_records_that_change_go_and_lie_in_pieces() -> None:
    changes: tuple[Callable[[State], None], ...] = (
        lambda state: state.put("a", NoticeRecord(7)),
        lambda state: state.put("", PolicyRecord("p", b"x" * 3 * PIECE)),
        lambda state: state.put("", PolicyRecord("p", b"x" * 2)),
        lambda state: state.delete(NoticeRecord, "a"),
        lambda state: state.delete(NoticeRecord, "never there"),
    )
    store, held = TenantStore(), Volume()
    for change in changes:
        state = State("acme", store)
        change(state)
        state.changes()
        held += state.grown
        state.merge()
        again = TenantStore()
        for kind, rows in store.records.items():
            for id, value in rows.items():
                for key, piece in stored("acme", kind, id, value):
                    _, *name = key.split("|", 2)
                    again.load(name[0], name[1], piece)
        again.index()
        assert held == store.volume() == again.volume() == counted_anew({"acme": store})
    assert held.records == 1


def test_volume_of_sightings_is_kept_up() -> None:
    core = SharedPartition()
    for number in range(20):
        run = core.begin()
        run.apply(LogRecord(number, 0, b"k", encode_sighting(sighting("a", number, pivot=f"account:{number % 7}"))))
        run.merge()
    assert core.volume == core.store.volume()
    assert core.volume.records == 7
    core.ready()
    assert core.volume.records == 7


# -- instruments -------------------------------------------------------------------------------------------------------


def test_values_taken_at_once_count_like_values_taken_one_by_one() -> None:
    chance = random.Random(5)
    bounds = (0.1, 0.5, 1.0, 2.0)
    values = [*bounds, *(round(chance.expovariate(1.0), 2) for _ in range(500))]
    bulk = BulkHistogram("one", "At once.", buckets=bounds, registry=None)
    single = Histogram("one", "One by one.", buckets=bounds, registry=CollectorRegistry())
    for start, end in pairwise((0, 3, 3, 200, len(values))):
        bulk.observe_all(values[start:end])
    for value in values:
        single.observe(value)
    found, expected = ([sample.value for sample in next(iter(one.collect())).samples] for one in (bulk, single))
    assert found == pytest.approx(expected, abs=1e-9)


def test_records_wait_from_when_they_are_known_until_a_checkpoint_or_none_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((100.0, 101.0, 104.0, 105.0, 107.0, 108.0, 109.0, 110.0))
    monkeypatch.setattr("sluicegate.log.held.time.monotonic", lambda: next(clock))
    inbox = Inbox(1, hold=lambda: None, release=lambda: None, wake=None)  # type: ignore[arg-type]
    held: Held[Partition] = Held(0, 1, inbox, assigned=0)
    waited = [held.waited(backlog) for backlog in (0, 5, 9)]
    held.committed = 104.5
    waited += [held.waited(backlog) for backlog in (2, None, 2, 0, 1)]  # None: it is being opened again
    assert waited == [0.0, 0.0, 3.0, 0.5, 2.5, 3.5, 0.0, 0.0]
