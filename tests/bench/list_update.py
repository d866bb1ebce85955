"""A sanctions list changes while events flow: python -m tests.bench.list_update [--rate N] [--seconds N] …

The OFAC names of ../shared/data are loaded; then generated events of many tenants flow at a fixed rate, and half-way an
update with 1,000 entries more is published: as a delta in parts, as a full snapshot in parts, and as one in large
parts, each on topics and with a worker of its own. Some known payees bear the names of new entries.

Shows how long an event waits for its alert before, during and after the update; what held the worker up; and how soon
the payees are found. Asserts that no event is lost or counted twice, and that each of these payees gets exactly one
retroactive alert, with all of its payments.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from kafka import KafkaConsumer, TopicPartition

from sluicegate.topics import SOURCES
from tests.bench.harness import (
    PARTITIONS,
    Row,
    Verdict,
    Worker,
    arguments,
    headline,
    in_log,
    percentile,
    say,
    send_all,
    surroundings,
    table,
)
from tests.bench.live import Latency, measure, with_probes
from tests.bench.ofac_names import NAMES, entries
from tests.bench.planted import Entry, Names, Planted, new_entries, update
from tests.bench.throughput import generated
from tests.bench.timed_core import KINDS, TIMES, Note, notes
from tests.streams.kafka import Kafka
from tests.streams.trial import progress_of
from tests.streams.workers import running

LIST = "ofac-sdn"
PROBE_EVERY = 20
LEAD = 3.0  # seconds that `measure` gives its sender to start
SETTLE = 2.0  # seconds after the first event that no window counts
PATIENCE = 90.0  # seconds after the last event


class Way(NamedTuple):
    """How the update is published."""

    name: str
    mode: str
    size: int


# -- beside the events that flow ---------------------------------------------------------------------------------------


class Publication(threading.Thread):
    """Sends the update's parts at a moment, as fast as the broker takes them."""

    def __init__(self, kafka: Kafka, at: float, way: Way, add: list[Entry]) -> None:
        super().__init__(daemon=True)
        self._kafka, self._at, self._way, self._add = kafka, at, way, add
        self.begun = self.acknowledged = float("nan")

    def run(self) -> None:
        with Kafka(self._kafka.bootstrap, self._kafka.prefix) as own:
            time.sleep(max(0.0, self._at - time.time()))
            parts = update(LIST, "2", self._way.mode, self._add, self._way.size)
            self.begun = time.time()
            own.send("sanctions", parts, key=LIST)
            self.acknowledged = time.time()


class Watch(threading.Thread):
    """Retroactive alerts, and the moments at which they could be read."""

    def __init__(self, kafka: Kafka) -> None:
        super().__init__(daemon=True)
        self._kafka, self._stop_asked, self._ready = kafka, threading.Event(), threading.Event()
        self.seen: list[tuple[float, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        self.start()
        self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_asked.set()
        self.join()

    def run(self) -> None:
        places = [TopicPartition(self._kafka.topic("alerts"), number) for number in range(PARTITIONS)]
        options = {"enable_auto_commit": False, "isolation_level": "read_committed", "fetch_max_wait_ms": 20}
        with closing(KafkaConsumer(bootstrap_servers=self._kafka.bootstrap, **options)) as consumer:
            consumer.assign(places)
            consumer.seek_to_end(*places)
            for place in places:
                consumer.position(place)
            self._ready.set()
            while not self._stop_asked.is_set():
                for batch in consumer.poll(timeout_ms=50).values():
                    now = time.time()
                    found = [r.value for r in batch if b'"retroactive":true' in r.value]
                    self.seen += [(now, json.loads(value)["data"]) for value in found]

    def until(self, count: int, deadline: float) -> None:
        """Wait for so many alerts, or in vain."""
        while len(self.seen) < count and time.time() < deadline:
            time.sleep(0.1)


# -- one way to publish, from an empty worker to its figures -----------------------------------------------------------


class Trial(NamedTuple):
    """What one way came to."""

    way: Way
    parts: int
    loading: float
    sent: int
    counts: Counter[str]
    complete: bool
    """Whether each partition's records up to the log's end are all accounted for."""
    latency: Latency
    first_due: float
    begun: float
    acknowledged: float
    alerts: list[tuple[float, dict[str, Any]]]
    noted: list[Note]
    peak: float

    @property
    def switches(self) -> list[float]:
        return [note.at for note in self.noted if note.what == "switch" and note.at > self.begun]

    @property
    def windows(self) -> dict[str, tuple[float, float]]:
        """The update's ends a second after the last retroactive alert."""
        end = max([self.acknowledged, *self.switches, *(at for at, _ in self.alerts)]) + 1
        last = self.first_due + self.latency.sent / self.latency.rate
        found = {"before": (self.first_due + SETTLE, self.begun), "update": (self.begun, end)}
        return found | {"after": (end, last)} if end < last else found

    def waits(self, window: str) -> list[float]:
        """Latencies of the probes that were due or still waited in the window, sorted."""
        begin, end = self.windows[window]
        due = {n: self.first_due + self.latency.places[n] / self.latency.rate for n in self.latency.seen}
        return sorted(wait for n, wait in self.latency.seen.items() if due[n] + wait >= begin and due[n] < end)

    def longest(self, what: str, window: str) -> float:
        """Of what a worker noted, ms; 0 where it took less than a millisecond."""
        begin, end = self.windows[window]
        return max((n.seconds for n in self.noted if n.what == what and begin <= n.at < end), default=0.0) * 1000


def try_way(kafka: Kafka, folder: Path, way: Way, held: list[Entry], news: list[Entry], flow: "Flow") -> Trial:
    """Load list and history, let the events flow, publish half-way."""
    times = folder / f"{kafka.prefix}times"
    with timed_worker(kafka, folder, times) as worker:
        lists = [Row("sanctions", LIST.encode(), value) for value in update(LIST, "1", "snapshot", held, 200)]
        started = time.monotonic()
        send_all(kafka, lists)
        worker.until_worked(in_log(lists), 300)
        loading = time.monotonic() - started
        say(f"{way.name}: list loaded in {loading:.1f} s")
        send_all(kafka, flow.history)
        worker.until_drained(kafka, len(lists) + len(flow.history), 120 + len(flow.history) / 200)
        say(f"{way.name}: history worked through")
        add = news if way.mode == "delta" else held + news
        published = Publication(kafka, time.time() + LEAD + flow.seconds / 2, way, add)
        published.start()
        with Watch(kafka) as watch:
            latency = measure(kafka, flow.rows, flow.places, flow.rate, 0, patience=PATIENCE)
            published.join()
            watch.until(len(flow.planted), time.time() + PATIENCE)
            parts = -(-len(add) // way.size)
            worker.until_drained(kafka, len(lists) + len(flow.history) + len(flow.rows) + parts, 120)
        peak = worker.peak_mib()
        worker.terminate()
    ends, counts, complete = kafka.end_offsets("events"), Counter[str](), True
    for number, progress in progress_of(kafka).items():
        complete &= progress.balanced and progress.following == ends[number]
        counts.update({name: getattr(progress.counts, name) for name in progress.counts.__struct_fields__})
    [due] = {r.timestamp for r in kafka.read("payout-requests", timeout=120) if b"probe-0-0000000" in (r.value or b"")}
    return Trial(
        way,
        parts,
        loading,
        sum(sum(kafka.end_offsets(topic).values()) for topic in SOURCES),
        counts,
        complete,
        latency,
        due / 1000 - latency.places[0] / latency.rate,
        published.begun,
        published.acknowledged,
        watch.seen,
        notes(times),
        peak,
    )


@contextmanager
def timed_worker(kafka: Kafka, folder: Path, times: Path) -> Iterator[Worker]:
    """A worker that notes in `times` what took long."""
    os.environ[TIMES] = str(times)
    worker = Worker(kafka, folder, f"{kafka.prefix}worker", core="tests.bench.timed_core:TimedPartition")
    with running(worker):
        yield worker.start().ready(120)


class Flow(NamedTuple):
    """What is sent, the same for each way."""

    history: list[Row]
    rows: list[Row]
    places: dict[int, int]
    rate: float
    planted: dict[tuple[str, str], list[str]]

    @property
    def seconds(self) -> float:
        return len(self.rows) / self.rate


# -- figures -----------------------------------------------------------------------------------------------------------


def show(trials: list[Trial]) -> None:
    table(
        [
            [t.way.name, t.parts, t.sent, *(t.counts[name] for name in ("applied", "repeated", "duplicates")),
             t.counts["dead_letters"], t.loading, t.peak]
            for t in trials
        ],
        ["update", "parts", "records sent", "applied", "repeated", "duplicates", "dead letters", "first load, s",
         "peak MiB"],
    )  # fmt: skip
    table(
        [
            [f"{t.way.name}, {window}", end - begin, len(waits), *(1000 * percentile(waits, s) for s in SHARES)]
            for t in trials
            for window, (begin, end) in t.windows.items()
            for waits in [t.waits(window)]
        ],
        ["event to alert, ms", "window, s", "probes", "p50", "p95", "p99", "most"],
    )
    table(
        [
            [f"{t.way.name}, {window}", *(t.longest(what, window) for what in KINDS)]
            for t in trials
            for window in t.windows
        ],
        ["longest in the worker, ms", *KINDS],
    )
    print("\n".join(f"{what}: {text}" for what, text in KINDS.items()))
    table(
        [
            [t.way.name, t.acknowledged - t.begun, *(at - t.acknowledged for at in _ends(t.switches)),
             *(at - t.acknowledged for at in _ends([at for at, _ in t.alerts])), len(t.alerts)]
            for t in trials
        ],
        ["s after the last part was acknowledged", "sending", "first switch", "last switch", "first alert",
         "last alert", "retroactive alerts"],
    )  # fmt: skip
    print("an alert has come when a read-committed consumer has it; a wait counts from when the event was due")


SHARES = (0.5, 0.95, 0.99, 1.0)


def _ends(moments: list[float]) -> tuple[float, float]:
    return (min(moments), max(moments)) if moments else (float("nan"), float("nan"))


def judge(verdict: Verdict, trial: Trial, flow: Flow, lists: int) -> None:
    name, counts, late = trial.way.name, trial.counts, trial.latency.late * 1000
    sent = len(flow.history) + len(flow.rows) + lists + trial.parts
    logged = in_log(flow.history) + len(flow.rows) + PARTITIONS * (lists + trial.parts)
    verdict.check(trial.sent == sent, f"{name}: {trial.sent:,} records in the source topics of {sent:,} sent")
    once = counts["applied"] + counts["repeated"]
    verdict.check(
        trial.complete and once == logged and not counts["duplicates"] and not counts["dead_letters"],
        f"{name}: {once:,} log records worked through once of {logged:,}; duplicates {counts['duplicates']},"
        f" dead letters {counts['dead_letters']}",
    )
    probes, missing = trial.latency.probes, trial.latency.missing
    verdict.check(not missing, f"{name}: {probes - missing:,} alerts of {probes:,} probes")
    verdict.check(late < 250, f"{name}: the sender was at most {late:.0f} ms late")
    found = Counter((data["tenant_id"], data["subject"]["id"]) for _, data in trial.alerts)
    others = sum(times for payee, times in found.items() if payee not in flow.planted)
    verdict.check(
        dict.fromkeys(flow.planted, 1) == {p: times for p, times in found.items() if p in flow.planted},
        f"{name}: {len(flow.planted)} payees bear a new entry's name; alerts of them {found.total() - others}, of"
        f" others {others}",
    )
    carried = {(data["tenant_id"], data["subject"]["id"]): data["payment_ids"] for _, data in trial.alerts}
    full = sum(carried.get(payee) == sorted(ids) for payee, ids in flow.planted.items())
    verdict.check(full == len(flow.planted), f"{name}: {full} of these alerts carry all payments of their payee")


def main() -> int:
    options = arguments(
        __doc__,
        rate=(2000.0, "events a second"),
        seconds=(60.0, "of events; the update comes half-way"),
        history=(60_000, "generated events before them"),
        tenants=(40, "tenants"),
        known=(20_000, "payees more in the history, of no interest"),
        planted=(400, "payees who bear the name of a new entry"),
        added=(1000, "new entries"),
        part=(200, "entries a part"),
        large=(3000, "entries a large part"),
        only=("", "delta, snapshot or large: that way alone"),
    )
    if not NAMES.exists():
        print(f"no list to load: {NAMES} is absent")
        return 2
    headline("A list update while events flow")
    names = Names(options.seed)
    held, news = [row for row in entries() if row["names"]], new_entries(names, options.added)
    ways = {
        "delta": Way(f"delta by {options.part}", "delta", options.part),
        "snapshot": Way(f"snapshot by {options.part}", "snapshot", options.part),
        "large": Way(f"snapshot by {options.large}", "snapshot", options.large),
    }
    count = int(options.rate * options.seconds)
    source = generated(options.seed, options.history, count, options.tenants)
    planted = Planted(
        options.seed, list(islice(source, options.history)), news[: options.planted], options.known, names
    )
    rows, places = with_probes(list(islice(source, count)), PROBE_EVERY, 0)
    flow = Flow(planted.rows, rows, places, options.rate, planted.payments)
    print(f"{len(held):,} entries held, {len(news):,} added; {options.rate:,.0f} events/s for {flow.seconds:.0f} s")
    trials = []
    with surroundings(options.broker) as (kafka, folder):
        for key in [options.only] if options.only else ways:
            with Kafka(kafka.bootstrap, f"{kafka.prefix}{key}.") as own:
                trials.append(try_way(own, folder, ways[key], held, news, flow))
            say(f"{ways[key].name}: done")
    show(trials)
    print()
    verdict = Verdict()
    for trial in trials:
        judge(verdict, trial, flow, -(-len(held) // 200))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
