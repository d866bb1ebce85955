"""All state of one log partition, and the runs that carry it on, one checkpoint each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from weakref import proxy

from sluicegate.detection.library import ListLibrary
from sluicegate.detection.list_records import ListHead, RescreenRecord
from sluicegate.detection.lists import Screen, Switch, compiled, switched
from sluicegate.detection.log import Counts, LogRecord, Outcome, Output, Volume
from sluicegate.detection.policy import Policy
from sluicegate.detection.sightings import Sighting, encode_sighting
from sluicegate.detection.state import State, TenantStore, stored
from sluicegate.detection.step import ALL, Step
from sluicegate.screening.index import CompiledList
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.decode import Reject
from sluicegate.wire.letters import dead_letter, encode_letter

if TYPE_CHECKING:
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.anomaly import Assessment

__all__ = ["Counts", "LogRecord", "Outcome", "Output", "Partition", "Run"]


class Partition:
    """State of one log partition, in memory. `library` shares compiled lists between the partitions of a worker."""

    def __init__(
        self, library: ListLibrary | None = None, *, replayed: bool = False, keeps_scores: bool = False
    ) -> None:
        self.library = library if library is not None else ListLibrary()
        self.stores: dict[str, TenantStore] = {}
        self.lists: dict[tuple[str, str], CompiledList] = {}
        self.news: dict[tuple[str, str, int, bytes], CompiledList] = {}
        """What the update behind a running re-screening added; a cache."""
        self.policies: dict[str, Policy] = {}
        self.latest: int | None = None
        """Largest event time of any tenant, µs."""
        self.keeps_scores = keeps_scores
        self.replayed = replayed
        """Records carry no time of arrival: dead letters show the clock of all tenants instead."""
        self.volume = Volume()

    def load(self, key: str, value: bytes | None) -> None:
        """Take over a record of the state topic, in the topic's order; None deletes. `ready` after the last one."""
        tenant, kind, id = key.split("|", 2)
        store = self.stores.get(tenant)
        if store is None:
            store = self.stores[tenant] = TenantStore()
        store.load(kind, id, value)

    def ready(self) -> None:
        """Build what follows from the records: timers, known ids, compiled lists."""
        self.lists.clear()
        self.policies.clear()
        self.volume = Volume()
        for tenant, store in self.stores.items():
            store.index()
            self.volume += store.volume()
            for name in store.records.get(ListHead.KIND, ()):
                held = compiled(self.library, State(tenant, store), name)
                if held is not None:
                    self.lists[tenant, name] = held

    def begin(self) -> Run:
        """A run over the next records; nothing here changes until it is merged."""
        return Run(self)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Every state record as (key, value), sorted by key."""
        yield from sorted(
            record
            for tenant, store in self.stores.items()
            for kind, rows in store.records.items()
            for id, value in rows.items()
            for record in stored(tenant, kind, id, value)
        )

    @property
    def wants_ticks(self) -> bool:
        """Whether payees wait to be screened against a new list: ticks carry that on where no events come."""
        return any(store.records.get(RescreenRecord.KIND) for store in self.stores.values())


class Run:
    """One checkpoint under way: its outputs, its counts and what it changes."""

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self._records: list[LogRecord] = []
        self._poison: set[int] = set()
        self.faults: list[Exception] = []
        """What failed outside any rule or inside one, for whoever runs this to report."""
        self._start()

    def _start(self) -> None:
        part = self.partition
        self.full = bool(self._poison)
        """Set once a record failed: commit now, because each further failure does the whole run anew."""
        self.outputs: list[Output] = []
        self.scores: list[bytes] = []
        self.sightings: list[Sighting] = []
        """What tenants that opted in show to the counts across tenants, in order."""
        self.counts = Counts()
        self.tallies: Counter[tuple[str, ...]] = Counter()
        self.latest = part.latest
        self._states: dict[str, State] = {}
        self._lists = dict(part.lists)
        self._policies = dict(part.policies)
        self._screens: dict[str, Screen] = {}
        self._encoded = False
        self._step = Step(proxy(self))  # no cycle: runs are many, and go as soon as they are merged

    @property
    def latest_event_time(self) -> int:
        """Largest event time so far, µs; 0 before the first event."""
        return self.latest or 0

    def apply(self, record: LogRecord) -> Outcome:
        """Work through one record. What fails on it outside any rule makes it a dead letter; nothing is raised."""
        try:
            outcome = self._apply(record)
        except Exception as fault:  # noqa: BLE001  (a record that detection cannot digest must not stop the partition)
            outcome = self._without(record, fault)
        self._records.append(record)
        return outcome

    def _without(self, record: LogRecord, fault: Exception) -> Outcome:
        """Do the run anew without the record that failed: the state stays as if it had not been there."""
        self._poison.add(record.offset)
        self.faults.append(fault)
        self._start()
        for earlier in self._records:
            self._apply(earlier)
        return self._apply(record)

    def _apply(self, record: LogRecord) -> Outcome:
        if record.offset in self._poison:
            outcome: Outcome | Reject = Reject(
                "internal_error", "", "detection failed on this event; its state is unchanged"
            )
        else:
            outcome = self._step.record(record)
        if isinstance(outcome, Reject):
            self._refuse(record, outcome)
            outcome = Outcome.DEAD_LETTER
        self.counts.add(outcome)
        return outcome

    def _refuse(self, record: LogRecord, reject: Reject) -> None:
        headers = dict(record.headers)
        place = [headers.pop(f"sg-{name}", default) for name, default in SOURCE]
        letter = dead_letter(
            reject,
            record.value,
            topic=place[0].decode("utf-8", "replace"),
            partition=int(place[1]) if place[1].isdigit() else 0,
            offset=int(place[2]) if place[2].isdigit() else record.offset,
            received_at=self.latest if self.partition.replayed else record.timestamp * 1000,
            key=headers.pop("sg-key", record.key),
            headers=headers.items(),
        )
        self.emit("dead-letters", letter.key, encode_letter(letter))
        self.tallies["dead_letter", reject.reason] += 1

    def count_findings(self, tenant: str, merger: Merger) -> None:
        """Count what was found and, but for the canary, which revisions of alerts came of it."""
        for found in merger.taken:
            self.tallies["finding", *found] += 1
        if tenant != CANARY_TENANT:
            for written in merger.written:
                self.tallies["alert", *written] += 1

    def count_score(self, tenant: str, found: Assessment, warm_up: int) -> None:
        """Count what the models said of a payment: the score as -log10 of its p-value, to a tenth."""
        if tenant == CANARY_TENANT:
            return
        if found.count < warm_up:
            self.tallies["warming", found.x["stream"]] += 1
        else:
            self.tallies["scored", found.x["stream"], f"{found.score * LOG10:.1f}"] += 1

    def end(self, by: int) -> None:
        """The end of a replay: every tenant's clock moves on by `by` µs, so that waiting rules resolve."""
        self._step.end(by)

    # what a step uses

    def emit(self, topic: str, key: bytes, value: bytes) -> None:
        self.outputs.append(Output(topic, key, value))

    def show(self, sightings: Iterable[Sighting]) -> None:
        """Show what the tenant has agreed to show."""
        for sighting in sightings:
            self.sightings.append(sighting)
            self.emit("sightings", sighting.pivot.encode("utf-8", "surrogatepass"), encode_sighting(sighting))

    def state(self, tenant: str) -> State:
        """The tenant's overlay in this run."""
        state = self._states.get(tenant)
        if state is None:
            store = self.partition.stores.get(tenant)
            if store is None:
                store = self.partition.stores[tenant] = TenantStore()
            state = self._states[tenant] = State(tenant, store)
        return state

    def tenants(self) -> Sequence[str]:
        """All tenants of the partition, sorted, without the partition's own."""
        return sorted(tenant for tenant in self.partition.stores if tenant != ALL)

    def screen(self, tenant: str) -> Screen:
        """The lists in force for a tenant: those of all tenants and its own."""
        screen = self._screens.get(tenant)
        if screen is None:
            held = sorted((name, owner) for owner, name in self._lists if owner in (ALL, tenant))
            screen = Screen(self._lists[owner, name] for name, owner in held)
            self._screens[tenant] = screen
        return screen

    def switch(self, owner: str, switch: Switch) -> CompiledList:
        """A list took effect: screen by it from here on."""
        held = switched(self.partition.library, self.state(owner), self.listed(owner, switch.name), switch)
        self._lists[owner, switch.name] = held
        self._screens.clear()
        return held

    def listed(self, owner: str, name: str) -> CompiledList | None:
        """A list in force."""
        return self._lists.get((owner, name))

    def policy(self, tenant: str) -> Policy:
        policy = self._policies.get(tenant)
        if policy is None:
            policy = self._policies[tenant] = self._step.load_policy(tenant)
        return policy

    def forget_policy(self, tenant: str) -> None:
        self._policies.pop(tenant, None)

    # the end

    def changes(self) -> dict[str, bytes | None]:
        """Every changed state record once: state-topic key -> value, None for a deletion."""
        self._encoded = True
        evicted = sum(state.evicted for state in self._states.values())
        if evicted:
            self.tallies["ids_evicted",] = evicted
        return {key: value for state in self._states.values() for key, value in state.changes().items()}

    def merge(self) -> None:
        """Make this run the partition's state; call it after the commit, or not at all."""
        if not self._encoded:
            self.changes()
        for state in self._states.values():
            self.partition.volume += state.grown
            state.merge()
        self.partition.lists = self._lists
        self.partition.policies = self._policies
        self.partition.latest = self.latest


LOG10 = math.log10(math.e)

SOURCE = (("topic", b"events"), ("partition", b"0"), ("offset", b""))
