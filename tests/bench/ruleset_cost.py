"""What detection costs, in processor µs an event: by stage, and rule by rule. One process, no Kafka.

Events of many tenants by the generator; those of the warm-up are not counted. They are screened against the OFAC
names of ../shared, or the built-in starter list where these are absent. Each figure is the least of `--passes` runs,
each in a process of its own.

Counted: everything between a record's bytes and the checkpoint's outputs and encoded state records, with a checkpoint
after every 400 records. A stage's time is its own, without that of stages it calls:
decode; dedup (digest, ids seen); state update (what an event adds before the rules look); rules (choosing and running
them, with what they read and cache); merge and output (findings to alerts, their JSON); state encoding (changed records
to bytes, committing them); timers (closing runs, alerts and rules that wait); the rest (clock, view, bookkeeping).
`unusual-payment` is counted apart: its scoring with the ruleset, its learning as what it is, an update of state.

A rule's time is that of its check on the events it looks at, over all events, not those events alone. The first rule
that asks for a fact all share (the baseline, the payee's rows) pays for it. Where the rules are timed one by one, the
stopwatch's own time is measured and taken off.
"""

import gc
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from msgspec.structs import force_setattr

from sluicegate.detection import step
from sluicegate.detection.alerts import Merger
from sluicegate.detection.anomaly import MODEL
from sluicegate.detection.partition import LogRecord, Partition, Run
from sluicegate.detection.state import State
from sluicegate.generate.stream import Generator
from sluicegate.rules.registry import RULES
from sluicegate.starter import event as starter
from tests.bench.harness import Verdict, arguments, headline, table
from tests.bench.logs import CHECKPOINT
from tests.bench.ofac_names import NAMES, updates

END = 1_781_161_200_000_000
"""2026-06-11: the last event lies before it."""
MOST_RULES = 60.0
"""µs an event that the whole ruleset may cost: every check, with the scoring of `unusual-payment`."""
LEARNING = f"{MODEL}: learning"
STAGES = (
    *("decode", "dedup", "state update", "rules", MODEL, LEARNING),
    *("merge and output", "state encoding", "timers", "the rest"),
)
MODULES = {
    "decode": ("decode",),
    "dedup": ("digest", "is_repeated"),
    "state update": ("note_signs", "note_pay", "watch_pay", "note_first", "wages_shown", "wallet_shown"),
}
"""Stage -> functions that `step` uses."""
METHODS: tuple[tuple[type, str, str], ...] = (
    (State, "knows", "dedup"),
    (State, "remember", "dedup"),
    (step.Step, "_rules", "rules"),
    (step.Step, "_learn", LEARNING),
    (step.Step, "_fire", "timers"),
    (Merger, "take", "merge and output"),
    (Merger, "recount", "merge and output"),
    (Merger, "write", "merge and output"),
    (State, "pack", "state encoding"),
    (Run, "changes", "state encoding"),
    (Run, "merge", "state encoding"),
)


class Stopwatch:
    """Time by name, ns; what a span calls that has a name of its own is not in it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._inner: Counter[str] = Counter()
        self._name = STAGES[-1]
        self._since = time.perf_counter_ns()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **more: Any) -> Any:
            now, outer = time.perf_counter_ns(), self._name
            self.spent[outer] += now - self._since
            self._inner[outer] += 1
            self._name, self._since = name, time.perf_counter_ns()
            try:
                return function(*args, **more)
            finally:
                self.spent[name] += time.perf_counter_ns() - self._since
                self.calls[name] += 1
                self._name, self._since = outer, time.perf_counter_ns()

        return timed

    def restart(self) -> None:
        self.spent.clear()
        self.calls.clear()
        self._inner.clear()
        self._began = self._since = time.perf_counter_ns()
        self._processor = time.process_time_ns()

    def read(self) -> dict[str, float]:
        """Processor ns by name, without what the stopwatch itself took.

        The clock is that of the wall, which costs a tenth of the processor's; other processes take their turns from
        all names alike, so each is scaled down by what they took in all.
        """
        now = time.perf_counter_ns()
        self.spent[self._name] += now - self._since
        share = (time.process_time_ns() - self._processor) / (now - self._began)
        spent, calls, inner = dict(self.spent), Counter(self.calls), Counter(self._inner)
        own, around = map(min, zip(*(self._cost() for _ in range(50)), strict=True))
        return {name: ns * share - own * calls[name] - around * inner[name] for name, ns in spent.items()}

    def _cost(self, times: int = 2_000) -> tuple[float, float]:
        """ns that a span adds to its own name and to that around it."""
        nothing = self.around("nothing", _nothing)
        self.restart()
        for _ in range(times):
            _nothing()
        bare = time.perf_counter_ns() - self._since
        self.restart()
        for _ in range(times):
            nothing()
        self.spent[self._name] += time.perf_counter_ns() - self._since
        return self.spent["nothing"] / times, max(0.0, self.spent[self._name] - bare) / times


def _nothing() -> None:
    pass


class Plan(NamedTuple):
    seed: int
    tenants: int
    warm_up: int
    events: int


def records(plan: Plan) -> Iterator[LogRecord]:
    """Lists, then events, as a log has them."""
    lists = [json.dumps(part).encode() for part in updates()] if NAMES.exists() else [starter()]
    count = plan.warm_up + plan.events
    generator = Generator.sized(plan.seed, count, end=END, tenants=plan.tenants)
    made = ((event.value, event.time // 1000) for event in islice(generator.events(), count))
    first = ((value, 0) for value in lists)
    for offset, (value, at) in enumerate(row for source in (first, made) for row in source):
        yield LogRecord(offset, at, None, value)


def work(log: list[LogRecord], partition: Partition) -> None:
    """All records, as a worker does it."""
    for begin in range(0, len(log), CHECKPOINT):
        run = partition.begin()
        for record in log[begin : begin + CHECKPOINT]:
            run.apply(record)
        run.changes()
        run.merge()


def measured(plan: Plan, watch: Callable[[Stopwatch], None] | None) -> dict[str, float]:
    """µs an event by name; without a stopwatch processor time of all together, under an empty name."""
    stopwatch = Stopwatch()
    if watch is not None:
        watch(stopwatch)
    gc.set_threshold(50_000, 20, 20)
    log, partition = list(records(plan)), Partition()
    counted = log[-plan.events :]
    work(log[: -plan.events], partition)
    gc.collect()
    gc.freeze()
    stopwatch.restart()
    began = time.process_time()
    work(counted, partition)
    if watch is None:
        return {"": (time.process_time() - began) * 1e6 / plan.events}
    return {name: ns / 1000 / plan.events for name, ns in stopwatch.read().items()}


def by_stage(stopwatch: Stopwatch) -> None:
    for name, functions in MODULES.items():
        for function in functions:
            setattr(step, function, stopwatch.around(name, getattr(step, function)))
    for kind, update in step.UPDATES.items():
        step.UPDATES[kind] = stopwatch.around("state update", update)
    for owner, method, name in METHODS:
        setattr(owner, method, stopwatch.around(name, getattr(owner, method)))
    _watch_rule(stopwatch, MODEL)


def by_rule(stopwatch: Stopwatch) -> None:
    for slug in RULES:
        _watch_rule(stopwatch, slug)
    learn = step.Step._learn
    step.Step._learn = stopwatch.around(LEARNING, learn)  # type: ignore[method-assign]


def _watch_rule(stopwatch: Stopwatch, slug: str) -> None:
    rule = RULES[slug]
    for kind, check in list(rule.on.items()):
        rule.on[kind] = stopwatch.around(slug, _whole(check))  # type: ignore[index]
    for name in ("at_close", "at_recheck"):
        check = getattr(rule, name)
        if check is not None:
            force_setattr(rule, name, stopwatch.around(slug, _whole(check)))


def _whole(check: Callable[..., Any]) -> Callable[..., Any]:
    """A check that gives all its results at once, not when somebody asks."""
    return lambda view, params: list(check(view, params))


def least(plan: Plan, passes: int, watch: Callable[[Stopwatch], None] | None) -> dict[str, float]:
    """The least of several passes, name by name."""
    found = []
    for _ in range(passes):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found.append(pool.submit(measured, plan, watch).result())
    return {name: min(one.get(name, 0.0) for one in found) for name in found[0]}


def main() -> int:
    options = arguments(
        __doc__,
        tenants=(20, "tenants"),
        warm_up=(20_000, "events before those that are counted"),
        events=(10_000, "events that are counted"),
        passes=(3, "runs of each kind"),
    )
    headline("Cost of the ruleset and of the core")
    plan = Plan(options.seed, options.tenants, options.warm_up, options.events)
    print(f"list: {'OFAC names of ../shared' if NAMES.exists() else 'starter list; ../shared is absent'}")
    whole = least(plan, options.passes, None)[""]
    stages = least(plan, options.passes, by_stage)
    table(
        [[name, stages.get(name, 0.0)] for name in STAGES]
        + [["sum of stages", sum(stages.values())], ["the core, not watched: processor time", whole]],
        ["stage", "µs/event"],
    )
    rules = least(plan, options.passes, by_rule)
    rules.pop(STAGES[-1])
    model, learning = rules.pop(MODEL), rules.pop(LEARNING)
    table(
        [[slug, f"{cost:.2f}"] for slug, cost in sorted(rules.items(), key=lambda item: -item[1])]
        + [[f"sum of {len(rules)} rules", f"{sum(rules.values()):.2f}"]]
        + [[MODEL, f"{model:.2f}"], [LEARNING, f"{learning:.2f}"]],
        ["rule", "µs/event"],
    )
    print()
    verdict = Verdict()
    cost = stages["rules"] + stages[MODEL]
    verdict.check(cost <= MOST_RULES, f"the whole ruleset costs {cost:.1f} µs an event, at most {MOST_RULES}")
    print(f"with what {MODEL} learns: {cost + stages[LEARNING]:.1f} µs an event")
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
