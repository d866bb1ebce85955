"""Dead letters collapsed, and made into records again."""

from sluicegate.cli.letters import REDRIVEN, Case, collapse, record_of
from sluicegate.wire.decode import Reject
from sluicegate.wire.letters import MAX_VALUE, dead_letter, encode_letter

WHY = Reject("not_json", "", "not a JSON text")


def letter(offset: int, value: bytes | None = b"{", *, at: int = 0, headers: dict[str, bytes] | None = None) -> bytes:
    made = dead_letter(
        WHY,
        value,
        topic="vendor-payments",
        partition=0,
        offset=offset,
        received_at=at,
        key=b"acme",
        headers=(headers or {}).items(),
    )
    return encode_letter(made)


def only(values: list[bytes | None]) -> Case:
    (case,) = collapse(values)
    return case


def test_repeated_letters_and_what_is_none_collapse_and_offsets_sort_as_numbers() -> None:
    cases = collapse([letter(10), letter(9), letter(10), None, b"{}", letter(100)])
    assert [case.place for case in cases] == [f"vendor-payments/0/{n}" for n in (9, 10, 100)]


def test_record_is_as_it_was_but_for_the_mark() -> None:
    record = record_of(only([letter(3, b"\xff\x00", headers={"ce_id": b"1"})]))
    assert record is not None
    assert (record.topic, record.key, record.value) == ("vendor-payments", b"acme", b"\xff\x00")
    assert record.headers == [("ce_id", b"1"), (REDRIVEN, b"vendor-payments/0/3")]


def test_record_without_a_value_stays_without_one() -> None:
    record = record_of(only([letter(3, None)]))
    assert record is not None
    assert record.value is None


def test_record_refused_again_is_the_same_case_whichever_letter_is_read_first() -> None:
    first, again = letter(3, at=1_000_000), letter(8, at=2_500_000, headers={REDRIVEN: b"vendor-payments/0/3"})
    for values in ([first, again], [again, first]):
        case = only(list(values))
        assert (case.place, case.again, case.letter.offset) == ("vendor-payments/0/3", 1, 8)
        record = record_of(case)
        assert record is not None
        assert record.headers == [(REDRIVEN, b"vendor-payments/0/3")]


def test_mark_that_names_no_place_is_not_believed() -> None:
    for mark in (b"", b"\xff", b"a/b/c", b"x" * 400 + b"/0/0"):
        assert only([letter(3, headers={REDRIVEN: mark})]).place == "vendor-payments/0/3"


def test_letter_with_a_cut_value_gives_no_record() -> None:
    assert record_of(only([letter(3, b"x" * (MAX_VALUE + 1))])) is None
    assert record_of(only([letter(3, b"x" * MAX_VALUE)])) is not None
