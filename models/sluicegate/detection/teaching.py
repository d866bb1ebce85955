"""Verdicts on reported payments train the tenant's model of the stream, and its standing is told on `signals`.

One verdict is one lesson: of the payments of an alert that wait for it, the most unusual stands for all, because they
were judged together, and counted apart they would make the gate surer than it may be. What was learned cannot be
unlearned: the first final verdict on a payment counts, a changed one teaches nothing; `escalated` is not final.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sluicegate.detection import advice
from sluicegate.detection.advice import VERSION, vector
from sluicegate.detection.alerts import alert_id
from sluicegate.detection.anomaly import MODEL
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.rules.base import Finding
from sluicegate.rules.registry import RULES
from sluicegate.signals import feedback
from sluicegate.signals.feedback import Feedback, FeedbackState, Standing

if TYPE_CHECKING:
    from sluicegate.detection.alert_records import AlertRecord
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.state import State

LABELS = {"confirmed": True, "error_not_fraud": True, "false_positive": False, "benign": False}
"""An error was a wrong payment too: the model ranks what deserves a look, not what is fraud."""
TOLD_EVERY = 10
SCORE = 10


class Lesson(NamedTuple):
    """What one verdict has brought."""

    stream: str
    standing: Standing
    switched: bool
    """The gate has just opened or closed."""


def learn(state: State, record: AlertRecord, verdict: str) -> Lesson | None:
    """Take in the verdict on an alert; None where it is not final or no reported payment waits for it."""
    label = LABELS.get(verdict)
    if label is None:
        return None
    refs = [ref for reason in record.reasons if reason.rule == MODEL for ref in reason.events]
    waiting = {ref: held for ref in refs if (held := state.get(ReportedRecord, ref)) is not None}
    for ref in waiting:
        state.delete(ReportedRecord, ref)
    known = [(held.combined, ref) for ref, held in waiting.items() if held.version == VERSION]
    if not known:
        return None
    payment = waiting[max(known)[1]]
    taught = state.edit(FeedbackRecord, payment.stream)
    if taught is None or taught.version != VERSION:
        taught = FeedbackRecord(VERSION, FeedbackState())
        state.put(payment.stream, taught)
    model = Feedback(taught.state)
    was_in_use = taught.state.in_use
    x = vector(payment.stream, payment.combined, payment.parts)
    model.learn_one(x, label, advised=payment.advised)
    taught.state = model.snapshot()
    return Lesson(payment.stream, model.standing(), taught.state.in_use != was_in_use)


def tell(lesson: Lesson, tenant: str, ref: str, time: int, mode: str, merger: Merger) -> None:
    """A signal when the gate opens or closes, and at every tenth verdict; `ref` and `time` are the verdict's."""
    standing = lesson.standing
    if not lesson.switched and standing.verdicts % TOLD_EVERY:
        return
    subject = ("tenant", tenant)
    finding = Finding(
        score=SCORE,
        subject=subject,
        title=_title(standing, lesson.switched),
        text=f"Verdicts on {lesson.stream} payments: {standing}.",
        observed={
            "stream": lesson.stream,
            "verdicts": standing.verdicts,
            "confirmed": standing.confirmed,
            "in_use": standing.in_use,
            "right_with_verdicts": round(standing.with_feedback, 4),
        },
        expected={"right_without_verdicts": round(standing.without, 4)},
        counterfactual="",
        action="none",
        models={advice.MODEL: feedback.VERSION},
        notice=True,
    )
    rule = RULES[MODEL]
    id = alert_id(tenant, *subject, rule.family, ref)
    merger.signal(f"{id}-1-{rule.slug}", id, rule, finding, ref, time, mode)


def _title(standing: Standing, switched: bool) -> str:
    if not switched:
        return "What verdicts have taught so far"
    if standing.in_use:
        return "Unusual payments are ranked with verdicts from here on"
    return "Unusual payments are ranked without verdicts again: they have stopped helping"
