"""Open alerts whose list entry was removed: they stay open, and a signal says what has changed about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sluicegate.detection.alert_records import AlertRecord, SubjectRecord
from sluicegate.detection.lists import is_listed
from sluicegate.rules.base import Finding
from sluicegate.rules.registry import RULES

if TYPE_CHECKING:
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.list_records import RescreenRecord
    from sluicegate.detection.state import State

SCORE = 10


def tell_delisted(state: State, owner: State, job: RescreenRecord, version: str, merger: Merger) -> None:
    """A signal for each open alert and entry of the job's list that is not on it any more; each is told once."""
    for id in sorted(id for id in state.ids(SubjectRecord.KIND) if id.endswith("\nsanctions")):
        held = state.get(SubjectRecord, id)
        for alert, *_ in held.open if held is not None else ():
            record = state.get(AlertRecord, alert)
            if record is None:
                continue
            for entry in _gone(record, owner, job.list):
                reason = next((r for r in record.reasons if r.cause.endswith(f":{job.list}\n{entry}")), None)
                if reason is not None:
                    state.put(alert, record)
                    record.delisted.append(entry)
                    name = f"{alert}-delisted-{job.generation}"
                    merger.signal(
                        name, alert, RULES[reason.rule], _finding(record, job, entry, version), job.ref, job.time
                    )


def _gone(record: AlertRecord, owner: State, name: str) -> Iterator[str]:
    for entity in list(record.entities):
        of_list = entity.kind == "list_entry" and entity.role == name and entity.id not in record.delisted
        if of_list and not is_listed(owner, name, entity.id):
            yield entity.id


def _finding(record: AlertRecord, job: RescreenRecord, entry: str, version: str) -> Finding:
    return Finding(
        score=SCORE,
        subject=(record.subject_kind, record.subject_id),
        title="The list entry behind an open alert was removed from its list",
        text="The entry is not on the list any more. The alert stays open: what was paid while it was listed may still "
        "have to be reported.",
        observed={"list": job.list, "list_version": version, "entry_id": entry, "listed": False},
        expected={"listed": True},
        counterfactual="",
        entities=tuple(e for e in record.entities if e.kind == "list_entry" and e.id == entry),
        display=record.display,
    )
