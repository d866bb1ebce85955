"""Known payees against what a list update added, in slices of fixed size so that no event waits long."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.calendar import DAY
from sluicegate.detection.guard import guarded
from sluicegate.detection.list_records import ListHead, RescreenBatch, RescreenRecord
from sluicegate.detection.lists import Switch, added_by
from sluicegate.detection.records import BlockRecord, PayeeRecord
from sluicegate.detection.view import PayeeView
from sluicegate.rules.base import Finding, Rule
from sluicegate.rules.registry import RULES

if TYPE_CHECKING:
    from sluicegate.detection.partition import Run
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.screening.index import CompiledList
    from sluicegate.wire.decode import Event

EVENT_SLICE, EVERY = 8, 32
"""Payees that an event of the tenant carries: some 3 ms, with the first one after the update and then each 32nd."""
TICK_SLICE = 40
"""Payees that a tick carries for all tenants of the partition together; ticks come faster while payees wait."""
BATCH = 1024
"""Payees looked up at once, in order of their ids."""
MOST_NEWS = 8
"""Updates of which what they added is kept compiled."""
SCREENING = tuple(rule for rule in RULES.values() if rule.at_rescreen is not None)

Failed = Callable[[Rule, Exception], None]
NewsKey = tuple[str, str, int, bytes]
"""Owner and name of a list, generation of the update, digest of the list."""


def begin_rescreen(state: State, event: Event, switch: Switch) -> None:
    """Note that a tenant's known payees are to be screened against the news of a list."""
    if state.has(PayeeRecord.KIND):
        id = f"{switch.generation:09d}\n{event.tenant}\n{switch.name}"
        ref = f"{event.source}\n{event.id}"
        state.put(id, RescreenRecord(event.tenant, switch.name, switch.generation, ref, event.time))


def news_of(run: Run, job: RescreenRecord) -> CompiledList | None:
    """What the update of a re-screening added, the same for all its slices and tenants."""
    owner = run.state(job.owner)
    held, head = run.listed(job.owner, job.list), owner.get(ListHead, job.list)
    if held is None or head is None:
        return None
    key = (job.owner, job.list, job.generation, head.digest)
    news = run.partition.news.get(key)
    if news is None:
        news = held.only(added_by(owner, job.list, job.generation))
        keep_news(run.partition.news, key, news)
    return news


def keep_news(kept: dict[NewsKey, CompiledList], key: NewsKey, news: CompiledList) -> None:
    """Keep what an update added, and let go of the oldest."""
    while len(kept) >= MOST_NEWS:
        del kept[next(iter(kept))]
    kept[key] = news


class Rescreen:
    """The oldest re-screening of a tenant that is not done."""

    def __init__(self, state: State, policy: Policy) -> None:
        self._state, self._policy = state, policy
        self._id = min(state.ids(RescreenRecord.KIND))
        job = state.edit(RescreenRecord, self._id)
        assert job is not None
        self.job = job

    def due(self) -> bool:
        """Whether the event that comes now carries a slice; counts it."""
        self.job.events += 1
        return self.job.events % EVERY == 1

    def take(self, most: int, listed: CompiledList | None) -> list[str]:
        """The next payees, at most so many; the last of them remove the record that asks for it."""
        state, job = self._state, self.job
        news = listed is not None and listed.entries
        batch = state.get(RescreenBatch, self._id)
        ids = batch.ids if batch is not None else []
        if news and job.at >= len(ids):
            ids = heapq.nsmallest(BATCH, (id for id in state.ids(PayeeRecord.KIND) if id > job.cursor))
            job.at = 0
            state.put(self._id, RescreenBatch(ids))
        taken = ids[job.at : job.at + most] if news else []
        if taken:
            job.at, job.cursor = job.at + len(taken), taken[-1]
        if not news or (job.at >= len(ids) and len(ids) < BATCH):
            state.delete(RescreenRecord, self._id)
            state.delete(RescreenBatch, self._id)
        return taken

    def screen(self, payees: list[str], listed: CompiledList, failed: Failed) -> Iterator[tuple[Rule, Finding]]:
        """What the rules find on payees, with the payments of the time that the rule looks back."""
        state, policy, job = self._state, self._policy, self.job
        for payee in payees:
            record = state.get(PayeeRecord, payee)
            if record is None:
                continue
            view = PayeeView(payee, record, listed, policy, job.ref, job.time)
            for rule in SCREENING:
                since = job.time - policy.param(rule.slug, "rescreen_days") * DAY
                if rule.at_rescreen is None or record.last_active < since or policy.mode(rule.slug) == "off":
                    continue
                check = partial(rule.at_rescreen, view, policy.params(rule, rule.params))
                for finding in guarded(rule, check, failed):
                    payments = tuple((payee, payment) for payment in _payments(state, payee, record, since))
                    yield rule, msgspec.structs.replace(finding, payments=payments)


def _payments(state: State, payee: str, record: PayeeRecord, since: int) -> tuple[str, ...]:
    rows = list(record.rows)
    for number, _, latest in record.blocks:
        block = state.get(BlockRecord, f"{payee}\n{number}") if latest > since else None
        rows += block.rows if block is not None else []
    return tuple(row.id for row in sorted(rows, key=lambda r: (r.time, r.ref)) if row.time > since)
