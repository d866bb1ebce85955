"""The starter list: valid entries, found by what is known of them, and true to what the publisher has."""

import csv
import gzip
import re
from pathlib import Path

import msgspec
import pytest

from sluicegate.screening.lists.registry import SOURCES
from sluicegate.screening.lists.starter import SOURCE, STARTER, VERSION
from sluicegate.screening.wallets import has_valid_checksum
from sluicegate.wire.events import ListEntry

PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "sanctions"
needs_published = pytest.mark.skipif(not PUBLISHED.exists(), reason="no ../shared/data")


def test_entries_keep_the_contract() -> None:
    assert msgspec.convert(msgspec.to_builtins(STARTER), tuple[ListEntry, ...]) == STARTER
    assert len({entry.entry_id for entry in STARTER}) == len(STARTER) == 6
    assert all(entry.names[0].quality == "primary" and entry.countries for entry in STARTER)


def test_it_is_marked_as_a_selection_everywhere() -> None:
    assert SOURCE.partial
    assert [source.name for source in SOURCES.values() if source.partial] == ["starter"]
    assert all("not a sanctions list" in (entry.remarks or "") for entry in STARTER)
    assert "not a sanctions list" in SOURCE.title


def test_it_is_built_in_and_needs_no_file() -> None:
    (form,) = SOURCE.forms
    assert form.files == ()
    assert tuple(form.parse({})) == STARTER
    assert max(str(entry.listed_on) for entry in STARTER) == VERSION.partition(".")[0]


def test_wallets_are_addresses() -> None:
    wallets = [wallet for entry in STARTER for wallet in entry.wallets]
    assert all(re.fullmatch("0x[0-9a-f]{40}", wallet) or has_valid_checksum(wallet) for wallet in wallets)
    assert len(wallets) == 7


@pytest.mark.realdata
@needs_published
def test_names_are_those_of_the_publisher() -> None:
    with gzip.open(PUBLISHED / "ofac-2025-11-26-names.jsonl.gz", "rb") as file:
        listed = {str(entry["entity_id"]): entry["names"] for entry in map(msgspec.json.decode, file)}
    for entry in STARTER:
        assert {_words(one.name) for one in entry.names} == {_words(one["full_name"]) for one in listed[entry.entry_id]}


@pytest.mark.realdata
@needs_published
def test_identifiers_are_those_of_the_publisher() -> None:
    with (PUBLISHED / "ofac-dprk-designations.csv").open(encoding="utf-8", newline="") as file:
        remarks = {row[0]: row[11] for row in csv.reader(file) if row}
    for entry in STARTER:
        if text := remarks.get(entry.entry_id):
            assert all(value in text for value in (*entry.wallets, *(one.value for one in entry.ids)))
    with (PUBLISHED / "wallets.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["key"]: row for row in csv.DictReader(file) if row["status"] == "listed"}
    for entry in STARTER:
        for wallet in entry.wallets:
            assert listed[wallet]["ent_num"] in ("", entry.entry_id)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.casefold()))
