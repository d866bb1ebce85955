"""Past events, split into groups of tenants that do not see each other, on disk: the work of one process each."""

from __future__ import annotations

import heapq
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from sluicegate.backtest.trial import head_of
from sluicegate.cli.lines import lines_of
from sluicegate.cli.output import FileError
from sluicegate.replay import EXPORT, ExportLine
from sluicegate.wire.decode import ALL_TENANTS

__all__ = ["Group", "Split"]

BUCKETS = 32
"""Files into which the tenants of one input are dealt: enough work for many processes, and few open files."""
_RECORD = msgspec.json.Decoder(ExportLine)
_PAYMENTS = ("payroll.payment.v1", "vendor.payment.v1")


class Group(msgspec.Struct, frozen=True):
    """Lines of some tenants, each after its number in the input; `first` is the first line of an exported log."""

    paths: tuple[Path, ...]
    lines: int
    first: bytes | None = None

    def read(self) -> Iterator[bytes]:
        """The lines as they stood in the input, in its order."""
        if self.first is not None:
            yield self.first
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb")) for path in self.paths]
            for _, line in heapq.merge(*map(_numbered, files), key=lambda row: row[0]):
                yield line


def _numbered(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    for raw in file:
        number, _, line = raw.partition(b" ")
        yield int(number), line


class Split:
    """Reads files once. Plain files are one input together, as for replay; an exported log is one by itself."""

    def __init__(self, folder: Path, *, sharing: bool) -> None:
        """`sharing`: the change opts tenants in to counts across tenants, so that none is apart."""
        self._folder = folder
        self._sharing = sharing
        self._groups: list[Group] = []
        self._inputs = 0
        self.tenants: set[str] = set()
        self.payments = 0
        self.lines = 0

    def read(self, files: Sequence[Path], advance: Callable[[int], None]) -> list[Group]:
        """The groups, those with most lines first. Raises FileError where a file cannot be read or written."""
        with ExitStack() as stack:
            plain = self._input(stack, None)
            for path in files:
                self._file(path, plain, advance)
        self._groups += plain.groups(together=self._sharing)
        return sorted(self._groups, key=lambda group: -group.lines)

    def _file(self, path: Path, plain: _Input, advance: Callable[[int], None]) -> None:
        with ExitStack() as stack:
            into, exported = plain, False
            for number, line in enumerate(lines_of(path, advance)):
                text = line.rstrip(b"\r\n")
                if number == 0 and EXPORT.encode() in line[:200] and head_of(text, exported=False).type == EXPORT:
                    into, exported = self._input(stack, text), True
                    continue
                if text.strip():
                    if exported:
                        _check_record(path, number, text)
                    self._line(into, text, exported)
        if exported:
            self._groups += into.groups(together=False)

    def _input(self, stack: ExitStack, first: bytes | None) -> _Input:
        self._inputs += 1
        return _Input(stack, self._folder / str(self._inputs), first)

    def _line(self, into: _Input, line: bytes, exported: bool) -> None:
        head = head_of(line, exported=exported)
        self.lines += 1
        self.payments += head.type in _PAYMENTS
        if head.tenantid not in ("", ALL_TENANTS):
            self.tenants.add(head.tenantid)
        into.put(head.tenantid, self.lines, line)
        if b"cross_tenant_counts" in line and head.type == "policy.update.v1" and not exported:
            into.share(head.tenantid)


def _check_record(path: Path, number: int, line: bytes) -> None:
    """Raise FileError where a line of an exported log is no record: what is missing there, no replay can make good."""
    try:
        record = _RECORD.decode(line)
        b64decode(record.value_b64 or "")
    except ValueError as error:
        raise FileError("read", path, f"it is no sound log export (line {number + 1}: {error})") from None


class _Input:
    """One input in files: `common` holds what is for all tenants, the others a share of the tenants each."""

    def __init__(self, stack: ExitStack, folder: Path, first: bytes | None) -> None:
        self._stack, self._folder, self._first = stack, folder, first
        self._files: dict[str, BinaryIO] = {}
        self._lines: dict[str, int] = {}
        self._buckets: dict[str, str] = {}
        self._shared: set[str] = set()

    def put(self, tenant: str, number: int, line: bytes) -> None:
        name = "common" if tenant == ALL_TENANTS else self._bucket(tenant)
        try:
            if name not in self._files:
                self._folder.mkdir(exist_ok=True)
                self._files[name] = self._stack.enter_context((self._folder / name).open("wb"))
                self._lines[name] = 0
            self._files[name].write(b"%d %s\n" % (number, line))
        except OSError as error:
            raise FileError("write", self._folder / name, error) from None
        self._lines[name] += 1

    def share(self, tenant: str) -> None:
        """The tenant may see others."""
        self._shared.add(self._bucket(tenant))

    def _bucket(self, tenant: str) -> str:
        return self._buckets.setdefault(tenant, str(len(self._buckets) % BUCKETS))

    def groups(self, *, together: bool) -> list[Group]:
        """What is judged apart: each file, but those of tenants that share as one. Once the files are closed."""
        own = [name for name in self._lines if name != "common"]
        shared = own if together else [name for name in own if name in self._shared]
        apart = [[name] for name in own if name not in shared]
        common = ["common"] if "common" in self._lines else []
        return [
            Group(
                tuple(self._folder / name for name in (*names, *common)),
                sum(self._lines[name] for name in (*names, *common)),
                self._first,
            )
            for names in ([shared] if shared else []) + apart
        ]
