"""Drafts: which name is the primary one, what is kept once, and what happens to parts that break the contract."""

import pytest

from sluicegate.screening.lists.base import Fault
from sluicegate.screening.lists.draft import Draft, Quality
from sluicegate.wire.events import ListEntry, ListName


def finished(draft: Draft) -> tuple[list[Fault], list[ListEntry]]:
    found = list(draft.finish("a.csv:1"))
    return [part for part in found if isinstance(part, Fault)], [part for part in found if isinstance(part, ListEntry)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([("A", "strong"), ("B", "primary")], [("B", "primary"), ("A", "strong")]),
        ([("A", "primary"), ("B", "primary")], [("A", "primary"), ("B", "strong")]),
        ([("A", "primary"), ("A", "primary")], [("A", "primary")]),
        ([("A", "weak"), ("B", "strong"), ("C", "strong")], [("B", "primary"), ("A", "weak"), ("C", "strong")]),
        ([("A", "weak"), (" A\n", "strong")], [("A", "primary")]),
        ([("A", "weak"), ("", "primary")], [("A", "weak")]),
    ],
)
def test_one_name_at_most_is_primary(given: list[tuple[str, Quality]], kept: list[tuple[str, str]]) -> None:
    draft = Draft("1", "person")
    for text, quality in given:
        draft.name(text, quality)
    faults, (entry,) = finished(draft)
    assert not faults
    assert [(name.name, name.quality) for name in entry.names] == kept


def test_empty_values_are_passed_over() -> None:
    draft = Draft("1", "person")
    draft.name("A", "primary")
    for add in (draft.birth, draft.country, draft.program, draft.wallet, draft.wallets_in, draft.listed, draft.remark):
        add(" ")
    draft.identifier("passport", "\n")
    assert finished(draft) == (
        [],
        [ListEntry(entry_id="1", kind="person", names=(ListName(name="A", quality="primary"),))],
    )


def test_same_wallet_in_another_case_is_kept_once() -> None:
    draft = Draft("1", "person")
    draft.name("A", "primary")
    draft.wallet("0x" + "aB" * 20)
    draft.wallets_in("ETH: 0x" + "ab" * 20 + ", XBT 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert finished(draft)[1][0].wallets == ("0x" + "aB" * 20, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")


def test_earliest_whole_day_of_listing_counts() -> None:
    draft = Draft("1", "person")
    draft.name("A", "primary")
    for text in ("2022-01-02", "05/06/2021", "2020", ""):
        draft.listed(text)
    assert str(finished(draft)[1][0].listed_on) == "2021-06-05"


def test_parts_that_break_the_contract_go_and_the_entry_stays() -> None:
    draft = Draft("1", "person")
    draft.name("A", "primary")
    draft.name("B" * 600, "strong")
    draft.wallet("w" * 200)
    draft.wallet("good")
    draft.identifier("passport", "1" * 200)
    faults, (entry,) = finished(draft)
    assert [fault.field for fault in faults] == ["/names/1/name", "/wallets/0", "/ids/0/value"]
    assert ([name.name for name in entry.names], entry.wallets, entry.ids) == (["A"], ("good",), ())


@pytest.mark.parametrize(
    ("entry_id", "name", "field"), [("", "A", "/entry_id"), ("1", "", "/names"), ("1", "B" * 600, "/names/0/name")]
)
def test_entry_without_id_or_name_goes(entry_id: str, name: str, field: str) -> None:
    draft = Draft(entry_id, "person")
    draft.name(name, "strong")
    faults, entries = finished(draft)
    assert ([fault.field for fault in faults], entries) == ([field], [])


def test_nothing_is_wrong_with_a_country_that_is_known_to_be_none() -> None:
    draft = Draft("1", "person")
    draft.name("A", "primary")
    draft.country("", "UNKNOWN")
    draft.country("XX", "Iran")
    draft.country("Atlantis")
    faults, (entry,) = finished(draft)
    assert ([fault.field for fault in faults], entry.countries) == (["/countries"], ("IR",))
