"""Known payees against what a list update added, in slices of fixed size so that no event waits long."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.calendar import DAY
from sluicegate.detection.guard import guarded
from sluicegate.detection.lists import Switch
from sluicegate.detection.records import BlockRecord, PayeeRecord, RescreenRecord
from sluicegate.detection.view import PayeeView
from sluicegate.rules.base import Finding, Rule
from sluicegate.rules.registry import RULES

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.screening.index import CompiledList
    from sluicegate.wire.decode import Event

SLICE = 500
"""Payees a slice: some 10 ms. A tenant's next event or tick works off the next one."""
SCREENING = tuple(rule for rule in RULES.values() if rule.at_rescreen is not None)


def begin_rescreen(state: State, event: Event, switch: Switch) -> None:
    """Note that a tenant's known payees are to be screened against the news of a list."""
    if state.has(PayeeRecord.KIND):
        id = f"{switch.generation:09d}\n{event.tenant}\n{switch.name}"
        ref = f"{event.source}\n{event.id}"
        state.put(id, RescreenRecord(event.tenant, switch.name, switch.generation, ref, event.time))


def rescreen_slice(
    state: State,
    policy: Policy,
    news: Callable[[RescreenRecord], CompiledList | None],
    failed: Callable[[Rule, Exception], None],
) -> Iterator[tuple[Rule, Finding]]:
    """Screen the next payees in order of their ids; the last slice removes the record that asks for it."""
    id = min(state.ids(RescreenRecord.KIND))
    job = state.edit(RescreenRecord, id)
    assert job is not None
    listed = news(job)
    payees = heapq.nsmallest(SLICE, (one for one in state.ids(PayeeRecord.KIND) if one > job.cursor))
    if len(payees) < SLICE:
        state.delete(RescreenRecord, id)
    if not payees or listed is None or not listed.entries:
        return
    job.cursor = payees[-1]
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
