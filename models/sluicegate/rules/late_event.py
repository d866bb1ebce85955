"""An event comes more than a day after its time: history was judged without it.

It is evaluated at its own time, against what is known of that time; other events that it would have explained or
made suspicious are not judged again.

Evidence: event time and clock, and the hours between them.

False positives: none known; a source that delivers once a week is late by design: raise `late_hours`.

Next step: fix the producer.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import HOUR
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, Finding, Hours, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest
from sluicegate.wire.scalars import format_time


class Params(RuleParams, frozen=True):
    late_hours: Annotated[Hours, Meta(description="hours behind the tenant's clock that are no fault")] = 24


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment | PayeeChange | PayoutRequest = view.data
    behind = view.clock - view.time
    if behind <= params.late_hours * HOUR:
        return ()
    id, source = data.payee.payee_id, view.event.source
    return (
        Finding(
            score=ALERT_LEVEL,
            subject=("source", source),
            title="A source delivers events late",
            text=f"The event came {behind // HOUR} hours behind the clock; up to {params.late_hours} are no fault.",
            observed={"event_time": format_time(view.time), "clock": format_time(view.clock), "hours": behind // HOUR},
            expected={"hours_at_most": params.late_hours},
            counterfactual=f"Delivery within {params.late_hours} hours would have kept it silent.",
            action="none",
            cause=f"source\n{source}",
            payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        ),
    )


RULE = Rule(
    slug="late-event",
    letter="Q3",
    family="quality",
    params=Params,
    on={Payment: check, PayeeChange: check, PayoutRequest: check},
    reads=(AlertRecord,),
    sources=("Event-time processing",),
    fires=("payment-more-than-24-hours-late", "change-two-days-late"),
    silent=("payment-24-hours-late", "status-two-days-late"),
)
