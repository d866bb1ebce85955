"""What is counted of log records and of state."""

from __future__ import annotations

from sluicegate.detection.log import Counts, Volume


def test_nothing_is_counted_before_anything_came() -> None:
    assert Counts() == Counts(applied=0, duplicates=0, repeated=0, dead_letters=0, ticks=0)
    assert Counts().total == 0
    assert Volume() == Volume(records=0, bytes=0)


def test_volumes_add_up_records_and_bytes_apart() -> None:
    assert Volume(2, 300) + Volume(5, -100) == Volume(7, 200)
