"""A folder and its three sub-folders: what waits, what is being read, what is done, what failed.

A file is renamed into `working` before it is opened, and out of it when all of it is where it belongs. Whatever is
found in `working` at a start was under way when the former process ended, and is read again from its beginning: its
events have the same ids, and are counted once.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from sluicegate.errors import SettingsError

__all__ = ["Inbox"]

_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp")
"""Names under which programs write what they rename when it is whole."""
_REPORT = ".report.json"
_LONGEST_NAME = 200


class Inbox:
    """The folder; one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Make the sub-folders. Raises SettingsError where the folder is missing or cannot be written."""
        self.folder = folder
        self.working, self.done, self.failed = (folder / name for name in ("working", "done", "failed"))
        self._seen: dict[str, tuple[int, int, float]] = {}
        """Name -> size, time of its last change (ns), and since when both are so."""
        if not folder.is_dir():
            raise SettingsError(f"{folder} is no folder: name the one that files come into")
        try:
            for own in (self.working, self.done, self.failed):
                own.mkdir(exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder} cannot be written: {error.strerror}") from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises SettingsError while another process watches the folder."""
        with (self.working / ".lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SettingsError(f"{self.folder} is watched by another process") from None
            yield

    def begun(self) -> list[Path]:
        """Files in `working`, oldest first: under way when the former process ended."""
        return sorted(filter(_is_payment_file, self.working.iterdir()), key=_age)

    def waiting(self) -> list[Path]:
        """Files that came in, oldest first, settled or not."""
        return sorted(filter(_is_payment_file, self.folder.iterdir()), key=_age)

    def settled(self, seconds: float) -> list[Path]:
        """Those that have not changed for this long."""
        now, found, seen = time.monotonic(), [], {}
        for path in self.waiting():
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            size, changed, since = self._seen.get(path.name, (-1, -1, now))
            same = (size, changed) == (stat.st_size, stat.st_mtime_ns)
            seen[path.name] = stat.st_size, stat.st_mtime_ns, since if same else now
            if same and now - since >= seconds:
                found.append(path)
        self._seen = seen
        return found

    def take(self, path: Path) -> Path:
        """Into `working`, under a name that is free there and in `done` and `failed`."""
        target, number = self.working / path.name, 1
        while any((folder / target.name).exists() for folder in (self.working, self.done, self.failed)):
            number += 1
            target = self.working / f"{path.stem}-{number}{path.suffix}"
        path.rename(target)
        return target

    def put(self, path: Path, report: dict[str, object], *, well: bool) -> Path:
        """Out of `working`, its report first: a file in `done` or `failed` always has one."""
        folder, other = (self.done, self.failed) if well else (self.failed, self.done)
        told = folder / _report_name(path.name)
        (other / told.name).unlink(missing_ok=True)  # of an attempt that ended before its rename
        beside = folder / f".{told.name}.part"
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(told)
        return path.rename(folder / path.name)


def _report_name(name: str) -> str:
    """Beside the file; a name that would be too long for that goes by its digest."""
    long = len(os.fsencode(name)) > _LONGEST_NAME
    return f"{sha256(os.fsencode(name)).hexdigest()}{_REPORT}" if long else f"{name}{_REPORT}"


def _is_payment_file(path: Path) -> bool:
    name = path.name
    return not name.startswith(".") and not name.endswith((*_UNFINISHED, _REPORT)) and path.is_file()


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name
