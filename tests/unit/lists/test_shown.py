"""What a worker shows of its lists: metrics, the body of /readyz, lines in its log."""

from __future__ import annotations

import logging

import pytest

from sluicegate.detection.in_force import InForce, ListInForce, in_force
from sluicegate.detection.partition import Partition
from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.lists_shown import NO_LIST, ListsShown, described
from sluicegate.metrics import Metrics
from sluicegate.starter import event
from tests.scenarios.build import Json, Tale, entry
from tests.unit.detection.test_in_force import worked_through


class Logged:
    """A worker's view of its lists, whose partitions a test sets."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        log.set_level(logging.INFO)
        self._log = log
        self.metrics = Metrics()
        self._shown = ListsShown(self.metrics)

    def lines(self, *partitions: Partition) -> list[tuple[str, str]]:
        """What is logged in two looks at them."""
        self._log.clear()
        found = in_force(partitions) if partitions else None
        for _ in range(2):
            self._shown.show(found)
            self._shown.tell(found)
        return [(record.levelname, record.getMessage()) for record in self._log.records]

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"sluicegate_{name}", labels)


@pytest.fixture
def worker(caplog: pytest.LogCaptureFixture) -> Logged:
    return Logged(caplog)


def partition(*lists: tuple[str, list[Json]], starter: bool = True, tenant: str = "*") -> Partition:
    t = Tale()
    for name, entries in lists:
        t.listed(*entries, list=name, tenant=tenant)
    return worked_through([*([event()] if starter else []), *t.lines])


ENTRIES = [entry(f"L{number}", f"Party {number}") for number in range(3)]


def test_worker_warns_once_of_the_starter_list_and_tells_of_a_real_one(worker: Logged) -> None:
    info, warning = worker.lines(partition(), partition())
    assert info == ("INFO", "list in force: starter 2025-08-27.1 (6 entries)")
    assert warning == ("WARNING", PARTIAL_ONLY)
    assert worker.lines(partition(), partition()) == []
    real = partition(("ofac-sdn", ENTRIES))
    assert worker.lines(real, real) == [("INFO", "list in force: ofac-sdn 1 (3 entries)")]


def test_worker_without_a_list_says_so(worker: Logged) -> None:
    assert worker.lines(partition(starter=False)) == [("WARNING", NO_LIST)]
    assert worker.value("lists_partial") == 1


def test_worker_without_partitions_says_nothing(worker: Logged) -> None:
    assert worker.lines() == []
    assert worker.value("lists_partial") == 0


def test_metrics_follow_what_is_in_force(worker: Logged) -> None:
    worker.lines(partition())
    assert worker.value("list_entries", list="starter") == 6
    assert worker.value("list_version_timestamp_seconds", list="starter") == 1_756_252_800
    assert worker.value("lists_partial") == 1
    worker.lines(partition(("ofac-sdn", ENTRIES)))
    assert worker.value("list_entries", list="ofac-sdn") == 3
    assert worker.value("list_entries", list="starter") is None
    assert worker.value("lists_partial") == 0


def test_lists_of_unknown_names_share_one_label(worker: Logged) -> None:
    worker.lines(partition(("acme\nwatch", ENTRIES), ("other", ENTRIES[:1])))
    assert worker.value("list_entries", list="private") == 4
    assert b"watch" not in worker.metrics.render()


def test_names_from_a_feed_stay_on_their_line() -> None:
    found = InForce((ListInForce("*", "a\nb\x1b[2J", "v" * 100, 1, 0),), partial=False)
    [line] = described(found)
    assert line == f"lists: a?b?[2J {'v' * 64} (1 entries)"


def test_tenants_without_a_list_of_their_own_are_not_forgotten() -> None:
    own, starter = ListInForce("acme", "watch", "1", 9, 0), ListInForce("*", "starter", "1", 6, 0)
    lists, warning = described(InForce((starter, own), partial=True))
    assert lists == "lists: starter 1 (6 entries); 1 of tenants of their own (9 entries)"
    assert warning.startswith("Some tenants")
