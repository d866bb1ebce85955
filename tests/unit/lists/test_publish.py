"""Updates as events: sound on the wire, small, and together what the snapshot is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.detection.partition import LogRecord, Outcome, Partition
from sluicegate.lists.files import source_named
from sluicegate.lists.loaded import collect
from sluicegate.lists.publish import MAX_PART_BYTES, Update, plan
from sluicegate.lists.store import Manifest, Published, Store
from sluicegate.screening.lists.base import ListRefused
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import ListEntry, SanctionsUpdate
from tests.unit.lists.samples import entries, entry

NAME = "watch"
START = 1_795_000_000_000_000


def keep(store: Store, held: list[ListEntry]) -> str:
    loaded = collect(source_named(NAME), held)
    figures = {"entries": len(held), "names": 0, "wallets": 0, "ids": 0, "fault_count": 0}
    about = {"published_at": "", "fetched_at": "2026-11-22T09:30:00Z", "sha256": loaded.sha256, "program": "1"}
    (store.folder / NAME).mkdir(parents=True, exist_ok=True)
    store.write(loaded, Manifest(list=NAME, version=loaded.version, **about, **figures))  # type: ignore[arg-type]
    return loaded.version


class Stream:
    """A topic and the partition that reads it."""

    def __init__(self, store: Store) -> None:
        self.store, self.last, self.offset = store, None, 0
        self.partition = Partition()
        self.partition.ready()

    last: Published | None

    def send(self, *, full: bool = False, now: int = START) -> Update | None:
        update = plan(self.store, NAME, self.last, now, full=full)
        if update is not None:
            run = self.partition.begin()
            for value in update.events:
                assert run.apply(LogRecord(self.offset, now // 1000, b"watch", value)) is Outcome.APPLIED
                self.offset += 1
            assert not [output for output in run.outputs if output.topic == "dead-letters"]
            run.merge()
            self.last = Published("sanctions", "id", "", "*", update.version, update.published_at)
        return update

    @property
    def entries(self) -> tuple[ListEntry, ...]:
        return tuple(sorted(self.partition.lists["*", NAME].entries, key=lambda entry: entry.entry_id))


def data_of(value: bytes) -> SanctionsUpdate:
    event = decode(value, topic="sanctions", arrival_ms=START // 1000)
    assert isinstance(event, Event), event
    assert isinstance(event.data, SanctionsUpdate)
    return event.data


def test_first_update_is_whole_and_the_next_says_only_what_changed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stream = Stream(store)
    first = keep(store, entries(450))
    sent = stream.send()
    assert sent is not None
    assert (sent.mode, len(sent.events), sent.added) == ("snapshot", 3, 450)
    assert [(part.part, part.parts, len(part.add)) for part in map(data_of, sent.events)] == [
        (1, 3, 200),
        (2, 3, 200),
        (3, 3, 50),
    ]
    assert stream.entries == tuple(entries(450))
    assert stream.send() is None
    keep(store, [entry(3, "Other"), *entries(450)[10:], entry(900)])
    changed = stream.send()
    assert changed is not None
    assert (changed.mode, changed.since, changed.added, changed.removed) == ("delta", first, 2, 9)
    current = store.current(NAME)
    assert current is not None
    assert stream.entries == current.entries
    again = stream.send(full=True)
    assert again is not None
    assert again.mode == "snapshot"
    times = [data_of(update.events[0]).published_at for update in (sent, changed, again)]
    assert times == sorted(set(times))  # later each time, though the clock stood still
    assert stream.entries == current.entries


def test_delta_from_a_version_that_is_damaged_or_gone_is_a_snapshot(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stream = Stream(store)
    before = keep(store, entries(20))
    stream.send()
    keep(store, entries(21))
    (tmp_path / NAME / before / "entries.jsonl.gz").unlink()
    sent = stream.send()
    assert sent is not None
    assert (sent.mode, stream.entries) == ("snapshot", tuple(entries(21)))


def test_parts_stay_small_and_an_entry_over_a_record_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, [entry(number, remarks="x" * 60_000) for number in range(20)])
    update = plan(store, NAME, None, START)
    assert update is not None
    assert [len(data_of(value).add) for value in update.events] == [4] * 5
    assert max(map(len, update.events)) < MAX_PART_BYTES + 1000
    keep(store, [entry(1, remarks="x" * (1 << 20))])
    with pytest.raises(ListRefused, match="entry 00001"):
        plan(store, NAME, None, START)
    with pytest.raises(ListRefused, match="there is no snapshot"):
        plan(store, "nothing", None, START)


def test_tenant_and_ids_of_events(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, entries(500))
    mine, all_ = plan(store, NAME, None, START, tenant="acme"), plan(store, NAME, None, START)
    assert mine is not None
    assert all_ is not None
    events = [decode(value) for value in (*mine.events, *all_.events)]
    assert {event.tenant for event in events[:3]} == {"acme"}  # type: ignore[union-attr]
    assert len({event.id for event in events}) == 6  # type: ignore[union-attr]
    assert plan(store, NAME, None, START) == all_


numbers = st.dictionaries(st.integers(0, 30), st.sampled_from(["A", "B"]), min_size=1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(numbers, st.booleans(), st.booleans()), max_size=6))
def test_stream_holds_what_was_last_sent_whatever_came_before(
    tmp_path_factory: pytest.TempPathFactory, versions: list[tuple[dict[int, str], bool, bool]]
) -> None:
    store = Store(tmp_path_factory.mktemp("lists"))
    stream = Stream(store)
    for held, full, send in versions:
        keep(store, [entry(number, name) for number, name in held.items()])
        if send:
            stream.send(full=full)
            current = store.current(NAME)
            assert current is not None
            assert stream.entries == current.entries
