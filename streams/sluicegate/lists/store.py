"""Snapshots of lists on disk: written once, known by their hash, and one of them in force.

    FOLDER/<list>/<version>/entries.jsonl.gz   one entry of contract 4.7 a line, by entry id
    FOLDER/<list>/<version>/manifest.json      what it is, and where it came from
    FOLDER/<list>/current.json                 which version is in force, and when it was last found to be the newest
    FOLDER/<list>/published.json               which version was last sent where

A snapshot takes its name when it is whole, and `current.json` is replaced at once: a process killed at any point
leaves the last good list in force.
"""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from sluicegate.embedded.cache import Report, exclusive
from sluicegate.errors import SnapshotDamagedError
from sluicegate.lists.files import source_named
from sluicegate.lists.loaded import LoadedList, entry_line, read_entry
from sluicegate.screening.lists.base import Fault

__all__ = ["Current", "Manifest", "Published", "SourceFile", "Store", "is_name", "lists_folder"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ENTRIES, _MANIFEST = "entries.jsonl.gz", "manifest.json"
_T = TypeVar("_T")


def lists_folder() -> Path:
    """`SLUICEGATE_LISTS`, else `$XDG_DATA_HOME/sluicegate/lists`, else `~/.local/share/sluicegate/lists`."""
    if own := os.environ.get("SLUICEGATE_LISTS"):
        return Path(own)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sluicegate" / "lists"


def is_name(text: str) -> bool:
    """Whether a list may have that name: it is also the name of a folder.

    >>> is_name("ofac-sdn"), is_name("../x"), is_name("")
    (True, False, False)
    """
    return _NAME.fullmatch(text) is not None


class SourceFile(msgspec.Struct, frozen=True):
    """A file that a snapshot was made from. bytes, sha256: as it came; etag, modified: as the server gave them."""

    name: str
    url: str
    sha256: str
    bytes: int
    etag: str = ""
    modified: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot in figures. Times are RFC 3339; published_at: a date, empty where the publisher gives none.

    fault_count: all faults; faults: the first 200; program: the version of this program that read the files.
    """

    list: str
    version: str
    published_at: str
    fetched_at: str
    entries: int
    names: int
    wallets: int
    ids: int
    fault_count: int
    sha256: str
    program: str
    files: tuple[SourceFile, ...] = ()
    faults: tuple[Fault, ...] = ()


class Current(msgspec.Struct, frozen=True):
    """version: in force; checked_at: when the publisher last had nothing newer, RFC 3339.

    files: what it had then; program: the version of this program that read them.
    """

    version: str
    checked_at: str
    program: str = ""
    files: tuple[SourceFile, ...] = ()


class Published(msgspec.Struct, frozen=True):
    """What was last sent to one topic for one tenant (or `*`). published_at: as the event said; RFC 3339.

    ends: by partition of the topic, the offset after the last record of it.
    """

    topic: str
    topic_id: str
    broker: str
    tenant: str
    version: str
    published_at: str
    ends: dict[int, int] = {}


class Store:
    """The snapshots in one folder, which need not be there yet."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` None: that of `lists_folder`."""
        self.folder = folder if folder is not None else lists_folder()

    def names(self) -> list[str]:
        """Lists that have a version in force, by name."""
        if not self.folder.is_dir():
            return []
        return sorted(
            path.name for path in self.folder.iterdir() if is_name(path.name) and (path / "current.json").exists()
        )

    def current(self, name: str) -> LoadedList | None:
        """The version in force, checked against its hash; None where there is none. Raises SnapshotDamagedError."""
        held = self.state(name)
        return None if held is None else self.load(name, held.version)

    def state(self, name: str) -> Current | None:
        """Which version is in force; None where there is none. Raises SnapshotDamagedError."""
        return _read(self._of(name) / "current.json", Current)

    def versions(self, name: str) -> list[str]:
        """Versions that are kept and whose manifest can be read, the one fetched last at the end."""
        found = []
        for path in self._of(name).glob(f"[!.]*/{_MANIFEST}"):
            with suppress(SnapshotDamagedError):
                found.append((self.manifest(name, path.parent.name).fetched_at, path.parent.name))
        return [version for _, version in sorted(found)]

    def manifest(self, name: str, version: str) -> Manifest:
        """Raises SnapshotDamagedError where there is none, or it cannot be read."""
        found = _read(self._of(name) / version / _MANIFEST, Manifest)
        if found is None:
            raise SnapshotDamagedError(f"{self._of(name) / version}: there is no {_MANIFEST}")
        return found

    def load(self, name: str, version: str) -> LoadedList:
        """A version, checked against its hash. Raises SnapshotDamagedError."""
        manifest = self.manifest(name, version)
        path = self._of(name) / version / _ENTRIES
        try:
            with gzip.open(path) as file:
                lines = file.read()
            if hashlib.sha256(lines).hexdigest() != manifest.sha256:
                raise SnapshotDamagedError(f"{path}: its content does not have the hash that {_MANIFEST} says")
            entries = tuple(read_entry(line) for line in lines.splitlines())
        except (OSError, EOFError, zlib.error, msgspec.MsgspecError) as error:
            raise SnapshotDamagedError(f"{path}: it cannot be read ({type(error).__name__})") from None
        return LoadedList(source_named(name), entries, manifest.faults, manifest.sha256, version)

    def write(self, loaded: LoadedList, manifest: Manifest) -> None:
        """Keep a snapshot and put it in force. One that is there already stays, unless it is damaged."""
        folder = self._of(loaded.source.name)
        place = folder / loaded.version
        if not self._sound(loaded):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as staging:
                whole = Path(staging, "whole")
                whole.mkdir()
                _write_entries(whole / _ENTRIES, loaded)
                _replace(whole / _MANIFEST, manifest)
                if place.exists():
                    place.rename(Path(staging, "damaged"))
                whole.rename(place)
                _sync(folder)
        current = Current(loaded.version, manifest.fetched_at, manifest.program, manifest.files)
        self.confirm(loaded.source.name, current)

    def confirm(self, name: str, current: Current) -> None:
        """Put a version in force, or note that it still is the newest."""
        _replace(self._of(name) / "current.json", current)

    def published(self, name: str) -> list[Published]:
        """What was last sent, to each topic and tenant. Raises SnapshotDamagedError."""
        return list(_read(self._of(name) / "published.json", tuple[Published, ...]) or ())

    def remember(self, name: str, sent: Published) -> None:
        """Note what was sent."""
        others = [one for one in self.published(name) if (one.topic_id, one.tenant) != (sent.topic_id, sent.tenant)]
        _replace(self._of(name) / "published.json", (*others, sent))

    @contextmanager
    def locked(self, name: str, report: Report) -> Iterator[None]:
        """Hold a list against other processes that would write it; `report` is told where one has it."""
        folder = self._of(name)
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / ".lock", report, f"{name}: another process works on it; waiting"):
            for left in folder.glob(".new-*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield

    def _of(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError(f"{name!r} is no name of a list: small letters, digits and . _ - only")
        return self.folder / name

    def _sound(self, loaded: LoadedList) -> bool:
        try:
            return self.load(loaded.source.name, loaded.version).sha256 == loaded.sha256
        except SnapshotDamagedError:
            return False


def _write_entries(path: Path, loaded: LoadedList) -> None:
    """The same bytes for the same entries: no time and no file name in the gzip header."""
    with path.open("wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as file:
            for entry in loaded.entries:
                file.write(entry_line(entry) + b"\n")
        raw.flush()
        os.fsync(raw.fileno())


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise SnapshotDamagedError(f"{path}: it cannot be read ({type(error).__name__})") from None


def _replace(path: Path, value: object) -> None:
    """Write a small file anew, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Names are on disk when their folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
