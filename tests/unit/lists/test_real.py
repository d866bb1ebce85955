"""Published lists as they are: recognised by their files, and sound on the wire in every part."""

from pathlib import Path

import pytest

from sluicegate.lists.files import read_list, source_named
from sluicegate.lists.publish import MAX_PART_BYTES, plan
from sluicegate.lists.refresh import Origin, refresh
from sluicegate.lists.store import Store
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import SanctionsUpdate
from tests.unit.lists.samples import NOW


@pytest.mark.parametrize(
    ("place", "name", "dated"), [("un-2026-02-27.xml.gz", "un", "2026-02-27"), ("ofac-2021-07", "ofac-sdn", "")]
)
def test_published_list_goes_through_store_and_parts_unchanged(
    shared: Path, tmp_path: Path, place: str, name: str, dated: str
) -> None:
    path = shared / "data" / "sanctions" / place
    loaded = read_list(path)
    assert loaded.source.name == name
    assert loaded.version.startswith(dated or loaded.sha256[:12])
    store = Store(tmp_path)
    with store.locked(name, print):
        refresh(store, source_named(name), Origin((path,)), NOW)
    update = plan(store, name, None, 1_795_000_000_000_000)
    assert update is not None
    assert max(map(len, update.events)) < MAX_PART_BYTES + 1000
    events = [decode(value, topic="sanctions") for value in update.events]
    sent = [entry for event in events for entry in data_of(event).add]
    assert tuple(sent) == loaded.entries


def data_of(event: object) -> SanctionsUpdate:
    assert isinstance(event, Event)
    assert isinstance(event.data, SanctionsUpdate)
    return event.data
