"""Snapshots stay as they were written, or are known to be damaged; the last good one stays in force."""

import gzip
from pathlib import Path

import msgspec
import pytest

from sluicegate.errors import SnapshotDamagedError
from sluicegate.lists.files import source_named
from sluicegate.lists.refresh import Origin, last_good, refresh
from sluicegate.lists.store import Published, Store, lists_folder
from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.diff import Change
from sluicegate.wire.events import ListEntry
from tests.unit.lists.samples import NOW, entries, entry, jsonl, private_file

NAME = "watch"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "lists")


def take(store: Store, held: list[ListEntry], *, allow_shrink: bool = False) -> str:
    """Refresh from a file of entries; the version in force afterwards."""
    store.folder.mkdir(exist_ok=True)
    path = private_file(store.folder, held, ".given.jsonl")
    with store.locked(NAME, print):
        return refresh(store, source_named(NAME), Origin((path,)), NOW, allow_shrink=allow_shrink).version


def test_snapshot_is_read_back_as_it_was_and_a_second_write_changes_no_byte(store: Store) -> None:
    assert (store.names(), store.current(NAME), store.versions(NAME)) == ([], None, [])
    version = take(store, entries(20))
    current = store.current(NAME)
    assert current is not None
    assert (current.version, list(current.entries), store.names()) == (version, entries(20), [NAME])
    assert version == f"2026-11-22-{current.sha256[:8]}"
    files = {path: path.read_bytes() for path in (store.folder / NAME / version).iterdir()}
    assert take(store, entries(20)) == version
    assert {path: path.read_bytes() for path in files} == files
    assert sorted(path.name for path in (store.folder / NAME).iterdir()) == [".lock", version, "current.json"]
    manifest = store.manifest(NAME, version)
    assert (manifest.entries, manifest.names, manifest.fetched_at) == (20, 20, "2026-11-22T09:30:00Z")
    assert (manifest.files[0].name, manifest.files[0].bytes) == ("private.jsonl", len(jsonl(entries(20))))


def test_difference_to_the_last_good_one_is_told(store: Store) -> None:
    take(store, entries(40))
    path = private_file(
        store.folder, [entry(number, "Other" if number == 3 else None) for number in (*range(1, 40), 99)]
    )
    with store.locked(NAME, print):
        found = refresh(store, source_named(NAME), Origin((path,)), NOW)
    assert found.status == "changed"
    assert found.difference is not None
    assert (found.difference.added, found.difference.removed) == (("00099",), ("00000",))
    assert found.difference.changed == (Change("00003", ("names",)),)
    assert len(store.versions(NAME)) == 2


@pytest.mark.parametrize(("lost", "refused"), [(0, False), (5, False), (6, True), (50, True), (99, True)])
def test_list_that_lost_more_than_a_twentieth_is_refused_and_the_old_one_stays(
    store: Store, lost: int, refused: bool
) -> None:
    before = take(store, entries(100))
    less = entries(100)[lost:] + [entry(1000 + number) for number in range(lost)]  # as many as before
    if not refused:
        take(store, less)
        return
    with pytest.raises(ListRefused, match=rf"{lost} of 100 entries \({lost}.0%\) are gone"):
        take(store, less)
    current = store.current(NAME)
    assert current is not None
    assert (current.version, list(current.entries), store.versions(NAME)) == (before, entries(100), [before])
    assert take(store, less, allow_shrink=True) != before


def test_damaged_snapshot_is_noticed_and_mended_by_the_next_update(store: Store) -> None:
    first, second = take(store, entries(100)), take(store, entries(101))
    path = store.folder / NAME / second / "entries.jsonl.gz"
    sound = path.read_bytes()
    for damage in (sound[:-30], b"", gzip.compress(gzip.decompress(sound).replace(b"Person 7", b"Person 8"))):
        path.write_bytes(damage)
        with pytest.raises(SnapshotDamagedError, match=NAME):
            store.current(NAME)
        kept, in_force = last_good(store, NAME)
        assert kept is not None
        assert (kept.version, in_force) == (first, False)
        with pytest.raises(ListRefused):  # compared with the older one
            take(store, entries(50))
        assert take(store, entries(101)) == second
        assert path.read_bytes() == sound
    (store.folder / NAME / "current.json").write_text("{")
    with pytest.raises(SnapshotDamagedError):
        store.current(NAME)
    assert take(store, entries(101)) == second
    path.with_name("manifest.json").unlink()
    assert store.versions(NAME) == [first]
    assert take(store, entries(101)) == second


def test_what_a_killed_process_left_is_cleared_away(store: Store) -> None:
    take(store, entries(3))
    left = store.folder / NAME / ".new-abc" / "whole"
    left.mkdir(parents=True)
    assert store.versions(NAME) == [take(store, entries(3))]
    assert not left.exists()


def test_what_was_sent_is_remembered_by_topic_and_tenant(store: Store) -> None:
    take(store, entries(3))
    one = Published("sanctions", "id1", "localhost:9092", "*", "v1", "2026-11-22T09:30:00Z")
    others = [msgspec.structs.replace(one, topic_id="id2"), msgspec.structs.replace(one, tenant="acme")]
    for sent in (one, *others, msgspec.structs.replace(one, version="v2")):
        store.remember(NAME, sent)
    assert store.published(NAME) == [*others, msgspec.structs.replace(one, version="v2")]


def test_name_that_would_leave_the_folder_is_refused(store: Store) -> None:
    for name in ("../x", "", "A", "a/b", ".hidden"):
        with pytest.raises(ValueError, match="is no name of a list"):
            store.current(name)


def test_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SLUICEGATE_LISTS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert lists_folder() == tmp_path / "sluicegate" / "lists"
    monkeypatch.setenv("SLUICEGATE_LISTS", str(tmp_path / "own"))
    assert Store().folder == tmp_path / "own"
