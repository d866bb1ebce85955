"""Brings a list up to date: fetch, read, compare with the last good snapshot, and keep it unless too much is gone."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import msgspec

from sluicegate.errors import SnapshotDamagedError
from sluicegate.lists.download import USUAL, Limits, Told, download, modified_at, url_of
from sluicegate.lists.files import Match, published_on, read_match, recognise
from sluicegate.lists.loaded import LoadedList, load, version_of
from sluicegate.lists.opened import Advance
from sluicegate.lists.store import Current, Manifest, SourceFile, Store
from sluicegate.screening.lists.base import ListRefused, ListSource
from sluicegate.screening.lists.diff import ListDiff, compare, lost_share
from sluicegate.version import __version__

__all__ = ["UNWATCHED", "Incoming", "Origin", "Refreshed", "Watch", "compare_with", "incoming", "last_good", "refresh"]

_FAULTS_KEPT = 200


class Watch(msgspec.Struct, frozen=True):
    """Who is told how far it is: of bytes that came, and of bytes that were read."""

    told: Told = lambda _name, _done, _total: None
    advance: Advance = lambda _: None


UNWATCHED = Watch()


class Origin(msgspec.Struct, frozen=True):
    """Where a list comes from: local files, or else the publisher (or a mirror `base`)."""

    paths: tuple[Path, ...] = ()
    base: str | None = None
    limits: Limits = USUAL


class Incoming(msgspec.Struct, frozen=True):
    """A list that was read, and the files it was read from. published: by the publisher's word, else the server's."""

    loaded: LoadedList
    files: tuple[SourceFile, ...]
    published: date | None


class Refreshed(msgspec.Struct, frozen=True):
    """What became of a list. `difference` is that to the last good snapshot, None where there was none."""

    status: Literal["new", "changed", "unchanged"]
    version: str
    before: str | None
    difference: ListDiff | None
    fault_count: int


def refresh(
    store: Store,
    source: ListSource,
    origin: Origin,
    now: datetime,
    *,
    allow_shrink: bool = False,
    watch: Watch = UNWATCHED,
) -> Refreshed:
    """Fetch or read the list, and put it in force. The caller holds the lock of the list.

    Raises ListRefused, ListDownloadError, OSError; then the snapshot that was in force still is.
    """
    name, fetched_at = source.name, now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    old, sound = last_good(store, name)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=store.folder / name) as folder:
        held = store.state(name) if sound else None
        same_reader = held is not None and held.program == __version__
        known = {file.url: file for file in held.files} if held is not None and same_reader else {}
        found = incoming(source, origin, Path(folder), known, watch)
    if found is None or (sound and old is not None and found.loaded.sha256 == old.sha256):
        assert held is not None
        assert old is not None
        files = held.files if found is None else found.files
        store.confirm(name, Current(held.version, fetched_at, __version__, files))
        return Refreshed("unchanged", old.version, old.version, ListDiff((), (), ()), len(old.faults))
    difference = compare_with(old, found.loaded, allow_shrink=allow_shrink)
    day = found.published or now.astimezone(UTC).date()
    loaded = msgspec.structs.replace(found.loaded, version=version_of(found.loaded.sha256, day))
    store.write(loaded, _manifest(loaded, found, fetched_at))
    status: Literal["new", "changed"] = "new" if old is None else "changed"
    return Refreshed(status, loaded.version, old.version if old else None, difference, len(loaded.faults))


def incoming(
    source: ListSource, origin: Origin, folder: Path, known: Mapping[str, SourceFile] = {}, watch: Watch = UNWATCHED
) -> Incoming | None:
    """Read a list from where it comes; None where the publisher has nothing newer than what is `known` (by URL).

    folder: for downloads. Raises ListRefused, ListDownloadError, OSError.
    """
    if origin.paths:
        match = recognise(origin.paths, source.name)
        files = tuple(_local(name, path) for name, path in match.paths.items())
    elif source.forms[0].files:
        form = source.forms[0]
        if origin.base is None and not all(file.url for file in form.files if file.needed):
            raise ListRefused(f"{source.name}: it has no publisher to fetch it from; give its file by --file")
        wanted = [(file, url_of(source.name, file, origin.base)) for file in form.files]
        got = download(wanted, folder, known, origin.limits, watch.told)
        if got is None:
            return None
        match, files = Match(source, form, {file.name: folder / file.name for file in got}), tuple(got)
    else:
        return Incoming(load(source, source.forms[0], {}), (), None)
    loaded = read_match(match, watch.advance)
    return Incoming(loaded, files, published_on(match) or _changed_on(files))


def compare_with(old: LoadedList | None, new: LoadedList, *, allow_shrink: bool = False) -> ListDiff | None:
    """The difference. Raises ListRefused where more is gone than the source allows at once."""
    if old is None:
        return None
    difference = compare(old.entries, new.entries)
    lost, most = lost_share(difference, len(old.entries)), new.source.max_shrink
    if lost > most and not allow_shrink:
        raise ListRefused(
            f"{new.source.name}: {len(difference.removed):,} of {len(old.entries):,} entries ({lost:.1%}) are gone, "
            f"more than the {most:.0%} allowed at once; version {old.version} stays (--allow-shrink takes it anyway)"
        )
    return difference


def last_good(store: Store, name: str) -> tuple[LoadedList | None, bool]:
    """The newest snapshot that can be read, and whether it is the one in force. None, False where there is none."""
    try:
        if (held := store.current(name)) is not None:
            return held, True
    except SnapshotDamagedError:
        pass
    for version in reversed(store.versions(name)):
        try:
            return store.load(name, version), False
        except SnapshotDamagedError:
            continue
    return None, False


def _manifest(loaded: LoadedList, found: Incoming, fetched_at: str) -> Manifest:
    return Manifest(
        list=loaded.source.name,
        version=loaded.version,
        published_at=found.published.isoformat() if found.published else "",
        fetched_at=fetched_at,
        entries=len(loaded.entries),
        names=loaded.names,
        wallets=loaded.wallets,
        ids=loaded.ids,
        fault_count=len(loaded.faults),
        sha256=loaded.sha256,
        program=__version__,
        files=found.files,
        faults=loaded.faults[:_FAULTS_KEPT],
    )


def _local(name: str, path: Path) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(name, path.resolve().as_uri(), digest, path.stat().st_size)


def _changed_on(files: Sequence[SourceFile]) -> date | None:
    times = [time for file in files if (time := modified_at(file)) is not None]
    return datetime.fromtimestamp(max(times), UTC).date() if times else None
