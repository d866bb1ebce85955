"""A list as its loader gives it, checked entry by entry, and in the one order and form that its hash is of."""

import hashlib
from collections.abc import Iterable
from datetime import date

import msgspec

from sluicegate.screening.lists.base import Fault, Files, Form, ListRefused, ListSource
from sluicegate.wire.events import ListEntry
from sluicegate.wire.scalars import dec_hook, enc_hook

__all__ = ["LoadedList", "collect", "entry_line", "load", "read_entry", "version_of"]

entry_line = msgspec.json.Encoder(enc_hook=enc_hook).encode
"""An entry as JSON on one line, its fields in the order of the contract."""
read_entry = msgspec.json.Decoder(ListEntry, dec_hook=dec_hook).decode
"""The way back. Raises msgspec.ValidationError where the contract is broken."""


class LoadedList(msgspec.Struct, frozen=True):
    """A list read whole. entries: sorted by `entry_id`, each once; faults: what could not be used.

    sha256: of the entries' lines, each with its line feed; version: date of publication where it is known, and the
    start of that hash: equal content has equal hashes, whatever form it was read from.
    """

    source: ListSource
    entries: tuple[ListEntry, ...]
    faults: tuple[Fault, ...]
    sha256: str
    version: str

    @property
    def names(self) -> int:
        return sum(len(entry.names) for entry in self.entries)

    @property
    def wallets(self) -> int:
        return sum(len(entry.wallets) for entry in self.entries)

    @property
    def ids(self) -> int:
        return sum(len(entry.ids) for entry in self.entries)


def load(source: ListSource, form: Form, files: Files, dated: date | None = None) -> LoadedList:
    """Parse the files of one form. Raises ListRefused, also where there is no entry.

    An entry that the wire contract refuses, or whose id came before, is a fault: in an event it would make a whole
    part of the list a dead letter.
    """
    faults: list[Fault] = []
    held: dict[str, ListEntry] = {}
    for item in form.parse(files):
        entry = item if isinstance(item, Fault) else _checked(item)
        if isinstance(entry, Fault):
            faults.append(entry)
        elif entry.entry_id in held:
            faults.append(Fault(f"entry {entry.entry_id}", "/entry_id", "an earlier entry has this id"))
        else:
            held[entry.entry_id] = entry
    if not held:
        what = ", ".join(sorted(files)) or source.name
        raise ListRefused(f"{what}: no entry of {source.name} could be read; {len(faults)} faults")
    return collect(source, held.values(), faults, dated)


def collect(
    source: ListSource, entries: Iterable[ListEntry], faults: Iterable[Fault] = (), dated: date | None = None
) -> LoadedList:
    """A list of entries with distinct ids, brought into order."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.entry_id))
    digest = hashlib.sha256()
    for entry in ordered:
        digest.update(entry_line(entry) + b"\n")
    sha256 = digest.hexdigest()
    return LoadedList(source, ordered, tuple(faults), sha256, version_of(sha256, dated))


def version_of(sha256: str, dated: date | None) -> str:
    """Name of a version.

    >>> version_of("3fa9c1d2e07b" + 52 * "0", date(2026, 2, 27)), version_of("3fa9c1d2e07b" + 52 * "0", None)
    ('2026-02-27-3fa9c1d2', '3fa9c1d2e07b')
    """
    return f"{dated.isoformat()}-{sha256[:8]}" if dated else sha256[:12]


def _checked(entry: ListEntry) -> ListEntry | Fault:
    try:
        return read_entry(entry_line(entry))
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        return Fault(f"entry {entry.entry_id[:128]}", "/" + path.rstrip("`"), reason)
    except (msgspec.EncodeError, UnicodeEncodeError, ValueError) as error:
        return Fault(f"entry {entry.entry_id[:128]}", "", f"not to be written as JSON ({type(error).__name__})")
