"""A trial of delivery: load, crashes at random moments, and then the question whether everything happened exactly once.

The small one is `test_delivery.py`, the full one `tests/bench/delivery.py`. What must hold at the end is in `verify`.
"""

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from kafka import KafkaProducer

from sluicegate.generate.stream import Generated, Generator
from sluicegate.log.export import export
from sluicegate.log.placement import Placer
from sluicegate.log.progress import KEY, Progress
from sluicegate.replay import Replay
from sluicegate.settings import Settings
from sluicegate.topics import LOG, SOURCES
from tests.streams.kafka import Kafka, Record
from tests.streams.workers import WorkerProcess, running

PARTITIONS = 4
TENANTS = 40
Sent = list[tuple[str, bytes, bytes]]
STALL = 14.0  # seconds a zombie stands still: past its session of six


@dataclass(frozen=True)
class Plan:
    """What a trial does. `kills`: of either of two workers, at random; `restart_broker` does so, where given."""

    seed: int
    events: int
    rate: float
    kills: int
    scheme_share: float = 0.05
    zombie: bool = True
    joiner: bool = True
    restart_broker: Callable[[], None] | None = None


@dataclass
class Findings:
    """Figures of a trial, for a report."""

    figures: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def check(self, holds: bool, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


class Load(threading.Thread):
    """Sends generated events at a rate, whatever happens to workers and broker."""

    def __init__(self, kafka: Kafka, plan: Plan) -> None:
        super().__init__(daemon=True)
        self._kafka, self._plan = kafka, plan
        self.error: BaseException | None = None
        generator = Generator.sized(
            plan.seed, plan.events, end=int(time.time() * 1e6), tenants=TENANTS, scheme_share=plan.scheme_share
        )
        self.records = [(e.topic, e.key, e.value) for e in _troubled(islice(generator.events(), plan.events))]

    def run(self) -> None:
        try:
            self._send()
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            self.error = error

    def _send(self) -> None:
        # a batch that a restarting broker does not answer is sent again: at least once, like any producer's
        producer = KafkaProducer(
            bootstrap_servers=self._kafka.bootstrap, acks="all", delivery_timeout_ms=120_000, linger_ms=5
        )
        started, sent = time.monotonic(), []
        for number, (topic, key, value) in enumerate(self.records):
            sent.append(producer.send(self._kafka.topic(topic), value, key))
            ahead = started + number / self._plan.rate - time.monotonic()
            if ahead > 0.01:
                time.sleep(ahead)
        for future in sent:
            future.get(timeout=120)
        producer.close()


def _troubled(events: Iterable[Generated]) -> Iterator[Generated]:
    """The events, and among them what becomes a duplicate, a repeated notice, a dead letter of intake or of detect."""
    for number, event in enumerate(events):
        yield event
        if number % 89 == 88:
            yield event
        if number % 97 == 96:
            yield event._replace(value=event.value[:-9])
        if number % 151 == 150 and event.topic.endswith("-payments"):
            yield event._replace(value=json.dumps(json.loads(event.value) | {"id": f"again-{number}"}).encode())
        if number % 499 == 498:  # as a connector might write it, past intake
            yield event._replace(topic=LOG, value=b'{"specversion":"1.0"}')


def run(kafka: Kafka, plan: Plan, folder: Path, say: Callable[[str], None] = lambda _line: None) -> Findings:
    """One trial, from first event to verdict."""
    chance = random.Random(plan.seed)
    load = Load(kafka, plan)
    workers = [WorkerProcess(kafka, folder, f"worker{n}", tick_seconds=10) for n in range(2)]
    joiner = WorkerProcess(kafka, folder, "joiner", tick_seconds=10)
    calm = WorkerProcess(
        kafka,
        folder,
        "undisturbed",
        agents="detect",
        app_id=f"{kafka.prefix}calm",
        output_prefix=f"{kafka.prefix}calm.",
    )
    findings = Findings()
    with running(*workers, joiner, calm):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.ready()
        started = time.monotonic()
        load.start()
        duration = plan.events / plan.rate
        for moment, action, name in _schedule(plan, chance, duration, workers, joiner):
            time.sleep(max(0.0, started + moment - time.monotonic()))
            say(f"{time.monotonic() - started:6.1f} s  {name}")
            action()
        load.join()
        if load.error is not None:
            raise load.error
        say(f"{time.monotonic() - started:6.1f} s  all sent")
        until_placed(kafka, timeout=60 + plan.events / 500)
        until_drained(kafka, kafka.prefix, timeout=60 + plan.events / 500)
        say(f"{time.monotonic() - started:6.1f} s  all worked through")
        findings.figures["seconds"] = round(time.monotonic() - started, 1)
        for worker in workers:
            findings.check(worker.process.poll() is None, f"{worker.log.name}: ended by itself")
            status, _ = worker.terminate()
            findings.check(status == 0, f"{worker.log.name}: exit status {status}")
        calm.start().ready(60)
        until_drained(kafka, f"{kafka.prefix}calm.", timeout=60 + plan.events / 500)
        calm.terminate()
    verify(kafka, load.records, findings)
    return findings


def _schedule(
    plan: Plan, chance: random.Random, duration: float, workers: list[WorkerProcess], joiner: WorkerProcess
) -> list[tuple[float, Callable[[], object], str]]:
    """Actions in order of their moments, seconds after the start. One worker at a time is down or stalled."""
    acts: list[tuple[float, Callable[[], object], str]] = []
    slots = plan.kills + plan.zombie + (plan.restart_broker is not None)
    width = duration / (slots + 1)
    kinds = ["kill"] * plan.kills + ["zombie"] * plan.zombie + ["broker"] * (plan.restart_broker is not None)
    chance.shuffle(kinds)
    for slot, kind in enumerate(kinds):
        moment = width * (slot + 0.3 + 0.4 * chance.random())
        worker = workers[slot % 2]
        if kind == "kill":
            acts += [(moment, worker.kill, f"kill -9 {worker.log.stem}")]
            acts += [(moment + 3 * chance.random(), worker.start, f"start {worker.log.stem}")]
        elif kind == "zombie":
            acts += [(moment, worker.pause, f"stop {worker.log.stem}")]
            acts += [(moment + STALL, worker.resume, f"continue {worker.log.stem}")]
        else:
            assert plan.restart_broker is not None
            acts += [(moment, plan.restart_broker, "restart the broker")]
    if plan.joiner:
        begin = duration * (0.2 + 0.3 * chance.random())
        acts += [(begin, joiner.start, "a third worker joins"), (begin + 8, joiner.terminate, "and leaves")]
    return sorted(acts, key=lambda act: act[0])


def until_placed(kafka: Kafka, timeout: float) -> None:
    """Wait until intake has placed every source record."""
    deadline = time.monotonic() + timeout
    group = f"{kafka.prefix}app"
    while True:
        committed = kafka.admin.list_group_offsets({group: None})[group]
        following = {(place.topic, place.partition): mark.offset for place, mark in committed.items()}
        ends = {(kafka.topic(name), n): end for name in SOURCES for n, end in kafka.end_offsets(name).items() if end}
        waiting = {place: (following.get(place), end) for place, end in ends.items() if following.get(place) != end}
        if not waiting:
            return
        assert time.monotonic() < deadline, f"not placed within {timeout:.0f} s: {waiting}"
        time.sleep(1)


def until_drained(kafka: Kafka, outputs: str, timeout: float) -> None:
    """Wait until all that is in the log now is worked through."""
    deadline = time.monotonic() + timeout
    ends = kafka.end_offsets("events")
    with Kafka(kafka.bootstrap, outputs) as view:
        while True:
            following = {number: progress.following for number, progress in progress_of(view).items()}
            if all(following.get(number, 0) >= end for number, end in ends.items()):
                return
            assert time.monotonic() < deadline, f"not worked through within {timeout:.0f} s: {following} of {ends}"
            time.sleep(1)


def progress_of(view: Kafka) -> dict[int, Progress]:
    """The last progress record of each partition."""
    found = {}
    for record in view.read("state", timeout=120):
        if record.key == KEY.encode() and record.value is not None:
            found[record.partition] = Progress.decode(record.value)
    return found


# -- what must hold --------------------------------------------------------------------------------------------------


def verify(kafka: Kafka, sent: Sent, findings: Findings) -> None:
    """Nothing lost, nothing counted twice, no alert missing or doubled; state and alerts as without any trouble."""
    with Kafka(kafka.bootstrap, f"{kafka.prefix}calm.") as calm:
        log = kafka.read("events", timeout=300)
        _sources(kafka, log, sent, findings)
        _progress(kafka, log, findings)
        by_replay = {n: _replayed(kafka, n) for n in range(PARTITIONS)}
        for name in ("alerts", "signals", "decisions"):
            held = kafka.read(name, timeout=120)
            findings.figures[name] = len(held)
            if name == "alerts":
                twice = [id_ for id_, times in Counter(r.json["id"] for r in held).items() if times > 1]
                findings.check(not twice, f"alerts there more than once: {len(twice)}")
            for number in range(PARTITIONS):
                _same_as_replay(name, number, held, by_replay[number], findings)
            _same(f"{name} of the undisturbed worker", _by_key(held), _by_key(calm.read(name, timeout=120)), findings)
        _same("state of the undisturbed worker", _state(kafka), _state(calm), findings)


def _sources(kafka: Kafka, log: list[Record], sent: Sent, findings: Findings) -> None:
    read = {topic: kafka.read(topic, timeout=120) for topic in SOURCES}
    there = {(kafka.topic(r.topic), r.partition, r.offset) for records in read.values() for r in records}
    placed = Counter(
        (h["sg-topic"].decode(), int(h["sg-partition"]), int(h["sg-offset"]), record.partition)
        for record in log
        if "sg-topic" in (h := dict(record.headers))
    )
    letters = {(r.json["topic"], r.json["partition"], r.json["offset"]) for r in kafka.read("dead-letters")}
    lost = there - {place[:3] for place in placed} - letters
    for_all = {(kafka.topic(r.topic), r.partition, r.offset) for r in read["sanctions"]} - letters
    missing = [place for place in for_all if any((*place, n) not in placed for n in range(PARTITIONS))]
    findings.figures |= {
        "source_topics": sum(bool(records) for records in read.values()),
        "source_records": len(there),
        "log_records": len(log),
        "placed_twice": sum(placed.values()) - len(placed),
        "letters": len(letters),
        "lost": len(lost),
    }
    known = {(r.topic, r.value) for records in (*read.values(), log) for r in records}
    findings.check(all((topic, value) in known for topic, _, value in sent), "the load did not reach its topics")
    findings.check(not lost, f"source records neither in the log nor in the dead letters: {sorted(lost)[:5]}")
    findings.check(not missing, f"records for all tenants that are not in every partition: {missing[:5]}")


def _progress(kafka: Kafka, log: list[Record], findings: Findings) -> None:
    total: Counter[str] = Counter()
    ends = kafka.end_offsets("events")
    for number, progress in progress_of(kafka).items():
        offsets = [record.offset for record in log if record.partition == number]
        findings.check(offsets == list(range(len(offsets))), f"partition {number}: the log's offsets have gaps")
        findings.check(progress.balanced, f"partition {number}: {progress.counts} is not {progress.following}")
        findings.check(progress.following == ends[number], f"partition {number}: not worked through")
        total.update({name: getattr(progress.counts, name) for name in progress.counts.__struct_fields__})
    findings.figures |= dict(total)


def _replayed(kafka: Kafka, number: int) -> dict[str, list[tuple[bytes, bytes]]]:
    """Outputs by topic of a replay of the exported partition."""
    outputs: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
    replay = Replay(lambda output: outputs[output.topic].append((output.key, output.value)))
    replay.feed("export", export(Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix), number))
    replay.finish()
    return outputs


def _same_as_replay(
    name: str, number: int, held: list[Record], replayed: Mapping[str, list[tuple[bytes, bytes]]], findings: Findings
) -> None:
    """Byte for byte, and in the same order within each partition of the topic."""
    placer = Placer("", PARTITIONS)
    ours = [r for r in held if placer.partition((r.key or b"").partition(b"|")[0].decode()) == number]
    where = {r.key: r.partition for r in ours}
    stream, again = defaultdict(list), defaultdict(list)
    for record in ours:
        stream[record.partition].append((record.key, record.value))
    for key, value in replayed.get(name, ()):
        again[where.get(key, -1)].append((key, value))
    findings.check(stream == again, f"{name} of log partition {number} differ from the replay of its export")


def _by_key(records: Iterable[Record]) -> dict[object, list[bytes | None]]:
    found: dict[object, list[bytes | None]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.value)
    return found


def _state(view: Kafka) -> dict[object, list[bytes | None]]:
    last = {(record.partition, record.key): record.value for record in view.read("state", timeout=300)}
    return {place: [value] for place, value in last.items() if value is not None}


def _same(what: str, ours: Mapping[object, object], theirs: Mapping[object, object], findings: Findings) -> None:
    findings.figures[f"{what}, keys"] = len(theirs)
    different = sorted(str(key) for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    findings.check(not different, f"{what} differs in {len(different)} keys, such as {different[:3]}")
