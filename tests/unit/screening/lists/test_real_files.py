"""The loaders find in the real files what an independent count finds there, and nothing else goes wrong."""

import gzip
from pathlib import Path

from sluicegate.screening.lists.base import Fault
from sluicegate.screening.lists.ofac import SOURCES
from sluicegate.screening.lists.un import SOURCE as UN
from sluicegate.screening.wallets import address_id
from sluicegate.wire.events import ListEntry
from tests.bench import list_counts
from tests.bench.list_counts import Counts, squeezed
from tests.unit.screening.lists.reading import faults_of, read

FILES = ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv")


def counted(parts: list[ListEntry | Fault]) -> Counts:
    found = [part for part in parts if isinstance(part, ListEntry)]
    return Counts(
        len(found),
        sum(len(entry.names) for entry in found),
        sum(len({address_id(wallet) for wallet in entry.wallets}) for entry in found),
        sum(len({squeezed(one.value) for one in entry.ids}) for entry in found),
    )


def test_legacy_set_of_ofac_has_the_counted_parties_names_wallets_and_numbers(shared: Path) -> None:
    folder = shared / "data/sanctions/ofac-2021-07"
    found = read(SOURCES[0], {name: (folder / name).read_bytes() for name in FILES}, form=1)
    assert counted(found) == list_counts.legacy(folder, FILES)
    assert {field for _, field, _ in faults_of(found)} == {"/countries"}
    assert len(faults_of(found)) < 10  # such as "possibly Palestinian"


def test_un_list_has_the_counted_entries_names_and_numbers(shared: Path) -> None:
    xml = gzip.decompress((shared / "data/sanctions/un-2026-02-27.xml.gz").read_bytes())
    found = read(UN, {"un_consolidated.xml": xml})
    assert counted(found) == list_counts.united_nations(xml.decode())[0]
    assert [reason for _, _, reason in faults_of(found)] == ["not a date"] * 2  # an age, and a Hijri date
