"""The watched folder: which files are taken, and where they go."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from sluicegate.errors import SettingsError
from sluicegate.folder.inbox import Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def put(inbox: Inbox, name: str, content: bytes = b"x") -> Path:
    path = inbox.folder / name
    path.write_bytes(content)
    return path


def settled(inbox: Inbox, seconds: float = 0.05) -> list[str]:
    inbox.settled(seconds)
    time.sleep(seconds * 1.2)
    return [path.name for path in inbox.settled(seconds)]


def test_file_is_taken_when_it_no_longer_grows(inbox: Inbox) -> None:
    path = put(inbox, "a.xml")
    assert inbox.settled(0.05) == []
    time.sleep(0.06)
    path.write_bytes(b"xx")
    assert inbox.settled(0.05) == []
    time.sleep(0.06)
    assert inbox.settled(0.05) == [path]


def test_unfinished_hidden_and_own_files_are_left_alone(inbox: Inbox) -> None:
    for name in (".hidden", "a.xml.part", "b.tmp", "c.xml.filepart", "d.xml.report.json"):
        put(inbox, name)
    (inbox.folder / "folder").mkdir()
    assert settled(inbox) == []


def test_oldest_comes_first(inbox: Inbox) -> None:
    for age, name in ((10, "b"), (20, "a"), (30, "c")):
        os.utime(put(inbox, name), (time.time() - age, time.time() - age))
    assert settled(inbox) == ["c", "a", "b"]


def test_name_that_was_there_before_gets_a_number(inbox: Inbox) -> None:
    for expected in ("a.xml", "a-2.xml", "a-3.xml"):
        taken = inbox.take(put(inbox, "a.xml"))
        assert taken.name == expected
        done = inbox.put(taken, {"events": {}}, well=expected != "a-2.xml")
        assert json.loads((done.parent / f"{expected}.report.json").read_bytes()) == {"events": {}}
    assert sorted(path.name for path in inbox.done.glob("*.xml")) == ["a-3.xml", "a.xml"]
    assert [path.name for path in inbox.failed.glob("*.xml")] == ["a-2.xml"]


def test_what_was_under_way_is_found_again(inbox: Inbox) -> None:
    inbox.take(put(inbox, "a.xml"))
    assert [path.name for path in Inbox(inbox.folder).begun()] == ["a.xml"]


def test_second_watcher_of_a_folder_is_refused(inbox: Inbox) -> None:
    with inbox.held(), pytest.raises(SettingsError, match="watched by another process"), Inbox(inbox.folder).held():
        pass
    with inbox.held():  # the first one has let go
        pass


def test_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no folder"):
        Inbox(tmp_path / "absent")


def test_name_that_leaves_no_room_for_its_report_goes_by_its_digest(inbox: Inbox) -> None:
    taken = inbox.take(put(inbox, "x" * 240 + ".xml"))
    done = inbox.put(taken, {"events": {}}, well=True)
    (report,) = done.parent.glob("*.report.json")
    assert len(report.name) == 64 + len(".report.json")


def test_report_of_an_attempt_that_ended_otherwise_goes(inbox: Inbox) -> None:
    taken = inbox.take(put(inbox, "a.xml"))
    (inbox.failed / "a.xml.report.json").write_bytes(b"{}")
    inbox.put(taken, {"events": {}}, well=True)
    assert list(inbox.failed.iterdir()) == []
