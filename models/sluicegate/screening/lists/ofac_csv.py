r"""OFAC's legacy CSV set: primary names, aliases, addresses and the rest of Remarks that did not fit, joined by number.

No header; `-0- ` is null; a line with 0x1A ends a file; Remarks hold at most 1,000 characters, and what is behind
them stands in the comments file, so that a wallet address may begin in one file and end in the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from sluicegate.screening.lists.base import Fault, Files, ListRefused
from sluicegate.screening.lists.csv_rows import rows
from sluicegate.screening.lists.draft import Draft, Kind
from sluicegate.screening.lists.ofac_remarks import read_remarks
from sluicegate.wire.events import ListEntry

_ENCODING, _END, _NULL = "cp1252", "\x1a", "-0-"
_KINDS: dict[str, Kind] = {"": "organisation", "individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
_NUMBER, _NAME, _KIND, _PROGRAMS, _FLAG, _REMARKS = 0, 1, 2, 3, 9, 11  # columns of the parties file


class _File(msgspec.Struct, frozen=True):
    """columns: how many; value: the column that is joined; marked: always closed by 0x1A."""

    name: str
    columns: int
    value: int = _NAME
    marked: bool = True


class LegacySet(msgspec.Struct, frozen=True):
    """File names of one list in this form."""

    parties: str
    aliases: str
    addresses: str
    comments: str

    def parse(self, files: Files) -> Iterator[ListEntry | Fault]:
        """Entries in the order of the parties file; memory is that of the three other files.

        Raises ListRefused for a file that is missing, empty, cut off, or whose first row has other columns than it
        should have, and for one without a party.
        """
        faults: list[Fault] = []
        joined = {
            file.name: _by_number(file, _typed(file, files, faults))
            for file in (
                _File(self.aliases, 5, 3),
                _File(self.addresses, 6, 4),
                _File(self.comments, 2, 1, marked=False),  # the oldest sets have no mark there
            )
        }
        parties = _typed(_File(self.parties, 12), files, faults)
        seen: set[str] = set()
        for line, row in parties:
            where, number = f"{self.parties}:{line}", row[_NUMBER]
            if number in seen:
                yield Fault(where, "/entry_id", "an earlier line has this number")
                continue
            seen.add(number)
            aliases, addresses, comments = (group.pop(number, []) for group in joined.values())
            yield from _draft(row, aliases, addresses, "".join(comments)).finish(where)
        if not seen:
            raise ListRefused(f"{self.parties}: no party in it")
        yield from faults
        for name, group in joined.items():
            yield from (Fault(f"{name}, entry {number}", "/entry_id", f"not in {self.parties}") for number in group)


def _draft(row: list[str], aliases: list[str], countries: list[str], more: str) -> Draft:
    kind = _KINDS.get(row[_KIND].strip().lower())
    draft = Draft(row[_NUMBER], kind or "organisation")
    if kind is None:
        draft.fault("/kind", "not individual, vessel, aircraft or empty: taken as an organisation")
    draft.name(row[_NAME], "primary")
    for name in aliases:
        draft.name(name, "strong")
    for program in row[_PROGRAMS].split("] ["):
        draft.program(program.strip("[] "))
    for country in (row[_FLAG], *countries):
        draft.country(country)
    read_remarks(row[_REMARKS] + more, draft)
    return draft


def _typed(file: _File, files: Files, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    if file.name not in files:
        raise ListRefused(f"{file.name}: the file is missing; the four of a set are read together")
    first = True
    for line, row in rows(file.name, files[file.name], _ENCODING, end=_END, end_needed=file.marked):
        row = ["" if value.strip() == _NULL else value for value in row]
        row[_NUMBER] = row[_NUMBER].strip()
        if len(row) == file.columns and row[_NUMBER].isdecimal():
            yield line, row
        else:
            reason = f"{len(row)} fields, not a number and {file.columns - 1} more"
            if first:
                raise ListRefused(f"{file.name}:{line}: {reason}; this is another format")
            faults.append(Fault(f"{file.name}:{line}", "", reason))
        first = False


def _by_number(file: _File, typed: Iterable[tuple[int, list[str]]]) -> dict[str, list[str]]:
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for _, row in typed:
        grouped[row[_NUMBER]].append(row[file.value])
    return dict(grouped)
