"""Private lists: what a line gives, and what each kind of bad file or line comes to."""

from collections.abc import Iterator
from datetime import date

import pytest

from sluicegate.screening.lists.base import Fault, ListRefused
from sluicegate.screening.lists.json_lines import LONGEST, json_lines
from sluicegate.screening.lists.private import SOURCE, entries
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, read, sample

GOOD = b'{"entry_id": "1", "kind": "person", "names": [{"name": "Ada Example"}]}\n'


def test_sample_gives_every_field() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))
    assert found["OWN-1"] == ListEntry(
        entry_id="OWN-1",
        kind="person",
        names=(ListName(name="VELDORAN, Okta Mirin", quality="primary"), ListName(name="The Otter", quality="weak")),
        dob=("1962-06-23", "1963"),
        countries=("IR", "RU"),
        ids=(ListedId(scheme="passport", value="A1608600"),),
        listed_on=date(2026, 1, 31),
        remarks="left without paying",
    )
    assert found["OWN-2"].wallets == ("0x1111111111111111111111111111111111111111",)


@pytest.mark.parametrize("size", [1, 7])
def test_chunks_of_any_size_give_the_same(size: int) -> None:
    assert read(SOURCE, sample(SOURCE), size=size) == read(SOURCE, sample(SOURCE))


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"{", "", "not JSON"),
        (b"\xff\xfe", "", "not JSON"),
        (b"[]", "", "expected an object; found an array"),
        (b'{"entry_id": "2", "kind": "ghost", "names": [{"name": "X"}]}', "/kind", "expected "),
        (b'{"entry_id": "2", "kind": "person", "names": []}', "/names", "expected an array of at least 1; found 0"),
        (
            b'{"entry_id": "2", "kind": "person", "names": [{"name": "X"}], "dob": ["1961", "61"]}',
            "/dob/1",
            "expected ",
        ),
        (b'{"entry_id": "2", "kind": "person", "names": [{"name": 5}]}', "/names/0/name", "expected "),
        (b'{"kind": "person", "names": [{"name": "X"}]}', "/entry_id", "missing; expected "),
        (b'{"entry_id": "1", "kind": "person", "names": [{"name": "X"}]}', "/entry_id", "an earlier line has this id"),
    ],
)
def test_bad_line_is_a_fault_with_line_and_field(line: bytes, field: str, reason: str) -> None:
    entry, fault = entries("own.jsonl", [GOOD, b"\n", line, b"\n"])
    assert isinstance(entry, ListEntry)
    assert isinstance(fault, Fault)
    assert (fault.where, fault.field) == ("own.jsonl:3", field)
    assert fault.reason.startswith(reason)


def test_every_fault_of_a_line_is_said() -> None:
    line = b'{"entry_id": "2", "kind": "person", "names": [{"name": ""}], "countries": ["ru"]}\n'
    found = [fault.field for fault in entries("own.jsonl", [GOOD, line]) if isinstance(fault, Fault)]
    assert found == ["/names/0/name", "/countries/0"]


def test_fault_repeats_no_value() -> None:
    line = b'{"entry_id": "2", "kind": "Okta Veldoran", "names": [{"name": "Okta Veldoran"}]}\n'
    assert "Okta" not in str(list(entries("own.jsonl", [GOOD, line]))[1])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"[]\n"])
def test_file_without_an_entry_is_refused(data: bytes) -> None:
    with pytest.raises(ListRefused, match=r"own.jsonl: no usable entry"):
        list(entries("own.jsonl", [data]))


def test_cut_last_line_is_refused_with_its_number() -> None:
    with pytest.raises(ListRefused, match=r"own.jsonl:2: cut off"):
        list(entries("own.jsonl", [GOOD, GOOD[:-20]]))


def test_last_line_may_lack_its_line_feed() -> None:
    assert len(list(entries("own.jsonl", [GOOD.rstrip()]))) == 1


def test_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * (LONGEST // 4)

    with pytest.raises(ListRefused, match=r"a.jsonl:1: longer than"):
        list(json_lines("a.jsonl", endless()))
