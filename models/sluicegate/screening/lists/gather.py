"""Entries out of a file that has several rows for each party, not always next to each other."""

from collections.abc import Callable, Iterable, Iterator

from sluicegate.screening.lists.base import Fault, ListRefused
from sluicegate.screening.lists.draft import Draft, Kind
from sluicegate.screening.lists.table import Row
from sluicegate.wire.events import ListEntry


def gather(
    name: str,
    rows: Iterable[Row | Fault],
    identify: Callable[[Row], str],
    kind_of: Callable[[Row], Kind | None],
    add: Callable[[Row, Draft], None],
) -> Iterator[ListEntry | Fault]:
    """Faults of rows as they come, then the entries in the order of their first rows; memory grows with the entries.

    name: file name for messages; identify: id of the row's party; kind_of: its kind, taken from its first row; add:
    puts what a row says into the draft. Raises ListRefused where there is no entry.
    """
    drafts: dict[str, Draft] = {}
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        entry_id = identify(row)
        if entry_id not in drafts:
            kind = kind_of(row)
            if not entry_id or kind is None:
                reason = "a kind of party that is not known" if entry_id else "missing"
                yield Fault(f"{name}:{row.line}", "/kind" if entry_id else "/entry_id", reason)
                continue
            drafts[entry_id] = Draft(entry_id, kind)
        add(row, drafts[entry_id])
    if not drafts:
        raise ListRefused(f"{name}: no entry")
    for entry_id, draft in drafts.items():
        yield from draft.finish(f"{name}, entry {entry_id}")
