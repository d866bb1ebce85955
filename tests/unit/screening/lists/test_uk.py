"""The UK list: rows gathered to entries, the quirks of its fields, and the files that are refused."""

import csv
import io
from datetime import date

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.uk import SOURCE
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, faults_of, read, sample

FILE = "uk-sanctions-list.csv"
TEXT = sample(SOURCE)[FILE].decode("utf-8-sig")


def changed(column: str, value: str, row: int = 0) -> bytes:
    """The sample with one field of one row below the header replaced."""
    title, header, *rows = csv.reader(io.StringIO(TEXT))
    rows[row][header.index(column)] = value
    out = io.StringIO(newline="")
    csv.writer(out).writerows([title, header, *rows])
    return out.getvalue().encode()


def test_rows_of_a_party_become_one_entry_though_they_stand_apart() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))
    assert list(found) == ["ZZZ0001", "ZZZ0002", "ZZZ0003"]
    assert found["ZZZ0001"] == ListEntry(
        entry_id="ZZZ0001",
        kind="person",
        names=(
            ListName(name="Okta Mirin VELDORAN", quality="primary"),
            ListName(name="Okta VELDORAN", quality="strong"),
            ListName(name="Окта Велдоран", quality="strong"),
            ListName(name="THE OTTER", quality="weak"),
            ListName(name="Octa SELDORAN", quality="strong"),
        ),
        dob=("1961", "1962-06-23"),
        countries=("AE", "IR", "KP", "RU"),
        programs=("The Ruritania (Sanctions) Regulations 2020",),
        wallets=("0x1111111111111111111111111111111111111111",),
        ids=(
            ListedId(scheme="passport", value="A 1608600"),
            ListedId(scheme="national_id", value="88-001"),
            ListedId(scheme="national_id", value="88-002"),
        ),
        listed_on=date(2021, 6, 5),
        remarks="UN reference ZZi.001; Trades in USDT from 0x1111111111111111111111111111111111111111.",
    )


def test_registration_numbers_are_told_apart_by_their_labels() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))["ZZZ0002"]
    assert (found.kind, found.countries) == ("organisation", ("KP",))
    assert [(one.scheme, one.value) for one in found.ids] == [("registration", "1237700000001"), ("tax", "7700000001")]
    assert found.remarks == 'Has offices, "several" of them'


def test_ship_has_its_number_and_flag() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))["ZZZ0003"]
    assert (found.kind, found.countries, found.ids) == ("vessel", ("CK",), (ListedId(scheme="imo", value="9999993"),))


@pytest.mark.parametrize("size", [1, 61])
def test_chunks_of_any_size_give_the_same(size: int) -> None:
    assert read(SOURCE, sample(SOURCE), size=size) == read(SOURCE, sample(SOURCE))


def test_columns_are_found_by_name_whatever_their_order_and_case() -> None:
    title, *rows = csv.reader(io.StringIO(TEXT))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([title, [cell.upper() for cell in reversed(rows[0])], *(row[::-1] for row in rows[1:])])
    assert read(SOURCE, {FILE: out.getvalue().encode()}) == read(SOURCE, sample(SOURCE))


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("Unique ID", "", (f"{FILE}:3", "/entry_id", "missing")),
        ("Designation Type", "Comet", (f"{FILE}:3", "/kind", "a kind of party that is not known")),
        ("D.O.B", "15/08/19yy", (f"{FILE}, entry ZZZ0001", "/dob", "not a date")),
        ("Nationality(/ies)", "Atlantis", (f"{FILE}, entry ZZZ0001", "/countries", "not a country that is known")),
        ("Passport number", "1" * 200, (f"{FILE}, entry ZZZ0001", "/ids/0/value", "expected text")),
    ],
)
def test_bad_field_is_a_fault_and_the_rest_stays(column: str, value: str, fault: tuple[str, str, str]) -> None:
    found = read(SOURCE, {FILE: changed(column, value)})
    ((where, field, reason),) = faults_of(found)
    assert (where, field) == fault[:2]
    assert reason.startswith(fault[2])
    assert {part.entry_id for part in found if isinstance(part, ListEntry)} == {"ZZZ0001", "ZZZ0002", "ZZZ0003"}


def test_entry_without_a_name_is_a_fault() -> None:
    found = read(SOURCE, {FILE: changed("Name 6", "", row=2)})
    assert faults_of(found) == [(f"{FILE}, entry ZZZ0002", "/names", "expected an array of at least 1; found 0")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("02/03/2026,ZZZ0009,,\r\n", "fewer fields than the header has"),
        ("02/03/2026,ZZZ0009" + "," * 56 + ",HIN,more\r\n", "more fields than the header has"),
    ],
)
def test_row_of_another_length_is_a_fault_where_others_follow(line: str, reason: str) -> None:
    lines = TEXT.splitlines(keepends=True)
    found = read(SOURCE, {FILE: "".join([*lines[:3], line, *lines[3:]]).encode()})
    assert faults_of(found) == [(f"{FILE}:4", "", reason)]


def test_stray_quote_and_empty_fields_at_the_end_of_a_row_do_no_harm() -> None:
    data = TEXT.replace("GREY HERON", '"GREY" HERON').replace("Cook Islands,,,,,,\r\n", "Cook Islands,,,,,,,,\r\n")
    assert entries_of(read(SOURCE, {FILE: data.encode()})) == entries_of(read(SOURCE, sample(SOURCE)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"<html><body>moved</body></html>\n", "no header with a column 'Unique ID'"),
        (TEXT.replace("D.O.B", "Born").encode(), "the header has no column 'D.O.B'"),
        (TEXT.replace("Name 6", "Surname").replace("IMO number", "Hull").encode(), "no column 'Name 6', 'IMO number'"),
        (TEXT[: TEXT.rindex("GREY")].encode(), "cut off"),
        (TEXT[: TEXT.index('"several"')].encode(), "cut off"),
        ("\r\n".join(TEXT.splitlines()[:2]).encode() + b"\r\n", "no entry"),
        (TEXT.encode("utf-16"), "utf-8"),
    ],
)
def test_file_that_is_not_the_list_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ListRefused, match=f"^{FILE}.*{message}"):
        read(SOURCE, {FILE: data})
