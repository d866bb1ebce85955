"""The CSV reader: line numbers, encodings, and files that were cut off."""

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.csv_rows import rows

MARKED = b'1,"A, ""B""",-0- \r\n2,"C\r\nD",x\r\n\x1a'


def read(data: bytes, size: int = 5, **rules: object) -> list[tuple[int, list[str]]]:
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return list(rows("l.csv", chunks, **rules))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_rows_have_the_line_on_which_they_start(size: int) -> None:
    assert read(MARKED, size, end="\x1a") == [(1, ["1", 'A, "B"', "-0- "]), (2, ["2", "C\r\nD", "x"])]


def test_encodings_and_byte_order_mark() -> None:
    assert read("a;ü\n".encode("utf-8-sig"), 1, delimiter=";") == [(1, ["a", "ü"])]
    assert read(b"a,\x92\n", encoding="cp1252") == [(1, ["a", "’"])]


def test_last_line_may_lack_its_line_feed_and_blank_lines_are_left_out() -> None:
    assert read(b"a,b\n\n1,2") == [(1, ["a", "b"]), (3, ["1", "2"])]
    assert read(b"a,b\n1,2\n\n") == [(1, ["a", "b"]), (2, ["1", "2"])]
    assert read(MARKED + b"\r\n\r\n", end="\x1a") == read(MARKED, end="\x1a")


@pytest.mark.parametrize("cut", range(1, len(MARKED)))
def test_marked_file_is_refused_wherever_it_is_cut(cut: int) -> None:
    with pytest.raises(ListRefused, match=r"^l\.csv:\d"):
        read(MARKED[:cut], end="\x1a")


@pytest.mark.parametrize(
    ("data", "rules", "says"),
    [
        (b"", {}, "l.csv: the file is empty"),
        (b"\n\n", {}, "l.csv: the file is empty"),
        (b'a,b\n1,"2', {}, "l.csv:2: not readable as CSV or cut off"),
        (b"a,b\n1", {}, "l.csv:2: the file is cut off (its last row has 1 of 2 fields)"),
        (b"a,b\n\x1a\nc,d\n", {"end": "\x1a"}, "l.csv:3: there is something after the end mark"),
        (b"a,\xff\n", {}, "l.csv:1 or later: not in utf-8-sig"),
        (b"x" * 3_000_000, {}, "longer than 1048576 characters"),
        (b'"' + b"x\n" * 200_000, {}, "field larger than field limit"),
    ],
)
def test_file_that_is_no_list_is_refused_by_name(data: bytes, rules: dict[str, object], says: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read(data, 1 << 16, **rules)
    assert says in str(refused.value)


def test_end_mark_that_is_not_needed_is_no_row() -> None:
    assert read(b"a,b\n\x1a", end="\x1a", end_needed=False) == read(b"a,b\n", end="\x1a", end_needed=False)
    with pytest.raises(ListRefused, match="cut off"):
        read(b"a,b", end="\x1a", end_needed=False)


def test_stray_quotes_pass_where_they_may() -> None:
    assert read(b'a"b,"c"d\n', strict=False) == [(1, ['a"b', "cd"])]
