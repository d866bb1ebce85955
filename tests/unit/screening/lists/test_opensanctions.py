"""OpenSanctions: which entities are parties, what is joined to them, and what is left out."""

import json
from datetime import date
from typing import Any

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.opensanctions import SOURCE
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, faults_of, read, sample

FILE = "entities.ftm.json"


def line(id: str, schema: str = "Person", *, target: bool = False, **properties: list[str]) -> dict[str, Any]:
    return {"id": id, "schema": schema, "target": target, "properties": {"name": ["Ada Example"], **properties}}


def found_in(*lines: dict[str, Any]) -> dict[str, ListEntry]:
    return entries_of(read(SOURCE, {FILE: "".join(json.dumps(one) + "\n" for one in lines).encode()}))


def test_person_has_what_its_own_and_other_lines_say() -> None:
    assert entries_of(read(SOURCE, sample(SOURCE)))["NK-veldoran"] == ListEntry(
        entry_id="NK-veldoran",
        kind="person",
        names=(
            ListName(name="Okta Mirin Veldoran", quality="primary"),
            ListName(name="VELDORAN Okta Mirin", quality="strong"),
            ListName(name="Octa Seldoran", quality="strong"),
            ListName(name="Окта Велдоран", quality="strong"),
            ListName(name="The Otter", quality="weak"),
        ),
        dob=("1962-06-23", "1963"),
        countries=("IR", "RU"),
        programs=("ZZ-RUR",),
        wallets=("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",),
        ids=(ListedId(scheme="passport", value="A1608600"), ListedId(scheme="tax", value="770000000001")),
        listed_on=date(2021, 6, 5),
    )


def test_kinds_and_identifiers() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))
    assert {entry_id: entry.kind for entry_id, entry in found.items()} == {
        "NK-veldoran": "person",
        "NK-quellbridge": "organisation",
        "NK-heron": "vessel",
        "NK-plane": "aircraft",
        "zz-wallet-2": "organisation",
    }
    assert [(one.scheme, one.value) for one in found["NK-quellbridge"].ids] == [
        ("registration", "1237700000001"),
        ("lei", "529900T8BM49AURSDO55"),
        ("bic", "RURIRUMM"),
    ]
    assert found["NK-heron"].ids == (ListedId(scheme="imo", value="9999993"),)


def test_sanctioned_wallet_of_nobody_listed_is_an_entry_of_its_own() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))
    address = "0x2222222222222222222222222222222222222222"
    assert found["zz-wallet-2"].wallets == (address,)
    assert found["zz-wallet-2"].names == (ListName(name=address, quality="weak"),)
    assert "0x3333333333333333333333333333333333333333" not in str(found)  # its holder is a politician, not sanctioned


@pytest.mark.parametrize(
    ("party", "taken"),
    [
        (line("a", topics=["sanction"]), True),
        (line("a", target=True), True),
        (line("a", target=True, topics=["role.pep"]), False),
        (line("a", topics=["sanction.linked"]), False),
        (line("a", "Address", topics=["sanction"]), False),
        (line("a"), False),
    ],
)
def test_only_sanctioned_parties_are_taken(party: dict[str, Any], taken: bool) -> None:
    assert ("a" in found_in(line("b", topics=["sanction"]), party)) is taken


def test_region_counts_as_its_country_and_a_former_state_as_none() -> None:
    assert found_in(line("a", target=True, country=["ua-cri", "suhh", "eu"]))["a"].countries == ("UA",)


@pytest.mark.parametrize("size", [1, 61])
def test_chunks_of_any_size_give_the_same(size: int) -> None:
    assert read(SOURCE, sample(SOURCE), size=size) == read(SOURCE, sample(SOURCE))


def test_bad_lines_are_faults() -> None:
    good = json.dumps(line("a", target=True, birthDate=["then"])).encode()
    nameless = json.dumps({"id": "b", "schema": "Person", "target": True, "properties": {}}).encode()
    assert faults_of(read(SOURCE, {FILE: b"\n".join([good, good, b"{}", b"{", nameless, b""])})) == [
        (f"{FILE}:2", "/id", "an earlier line has this id"),
        (f"{FILE}:3", "", "not an entity of FollowTheMoney in JSON"),
        (f"{FILE}:4", "", "not an entity of FollowTheMoney in JSON"),
        (f"{FILE}:1", "/dob", "not a date"),
        (f"{FILE}:5", "/names", "expected an array of at least 1; found 0"),
    ]


@pytest.mark.parametrize("data", [b"", json.dumps(line("a")).encode(), sample(SOURCE)[FILE][:-30]])
def test_empty_and_cut_files_are_refused(data: bytes) -> None:
    with pytest.raises(ListRefused, match=FILE):
        read(SOURCE, {FILE: data})


def test_licence_says_that_it_is_not_for_business() -> None:
    assert "not for business use" in SOURCE.licence
