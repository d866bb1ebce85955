"""Small lists of invented parties."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sluicegate.lists.loaded import entry_line
from sluicegate.wire.events import ListEntry, ListName

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def entry(number: int, name: str | None = None, **about: object) -> ListEntry:
    """Person number `number`; ids sort as numbers do."""
    names = (ListName(name=name or f"Person {number}", quality="primary"),)
    return ListEntry(entry_id=f"{number:05d}", kind="person", names=names, **about)  # type: ignore[arg-type]


def entries(count: int) -> list[ListEntry]:
    return [entry(number) for number in range(count)]


def jsonl(held: Iterable[ListEntry]) -> bytes:
    return b"".join(entry_line(one) + b"\n" for one in held)


def private_file(folder: Path, held: Iterable[ListEntry], name: str = "watch.jsonl") -> Path:
    path = folder / name
    path.write_bytes(jsonl(held))
    return path


def un_xml(
    numbers: Iterable[int], *, root: str = '<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:00.000Z">'
) -> bytes:
    """A UN list of persons, in the publisher's form."""
    people = "".join(
        f"<INDIVIDUAL><DATAID>{n}</DATAID><FIRST_NAME>Given{n}</FIRST_NAME><SECOND_NAME>Family{n}</SECOND_NAME>"
        f"<REFERENCE_NUMBER>XXi.{n:03d}</REFERENCE_NUMBER></INDIVIDUAL>"
        for n in numbers
    )
    tag = root[1:].split()[0].rstrip(">")
    return f"<?xml version='1.0' encoding='utf-8'?>{root}<INDIVIDUALS>{people}</INDIVIDUALS></{tag}>".encode()
