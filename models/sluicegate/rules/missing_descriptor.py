"""An ACH credit of wages lacks the entry descriptor PAYROLL, which Nacha's rules ask for from 20 March 2026 on.

Banks that receive the credit use the descriptor to tell wages from other credits.

Evidence: the entry descriptor and the SEC code as sent.

False positives: none known; credits to persons that are no wages bear another type of event.

Next step: fix the producer.
"""

from collections.abc import Iterable

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import Payment
from sluicegate.wire.scalars import parse_time

IN_FORCE = parse_time("2026-03-20T00:00:00Z") or 0
DESCRIPTOR = "PAYROLL"


class Params(RuleParams, frozen=True):
    """Nothing to set."""


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment = view.data
    row = view.facts.part
    assert row is not None
    if data.schedule.sec_code != "PPD" or view.time < IN_FORCE:
        return ()
    descriptor = data.schedule.entry_descriptor
    if (descriptor or "")[: len(DESCRIPTOR)].upper() == DESCRIPTOR:
        return ()
    id = data.payee.payee_id
    return (
        Finding(
            score=ALERT_LEVEL,
            subject=("payee", id),
            title="The entry descriptor of a payroll credit is missing",
            text=f"A PPD credit of wages has the entry descriptor {descriptor!r} instead of {DESCRIPTOR}.",
            observed={"entry_descriptor": descriptor, "sec_code": "PPD"},
            expected={"entry_descriptor": DESCRIPTOR},
            counterfactual=f"An entry descriptor that begins with {DESCRIPTOR} would have kept it silent.",
            action="none",
            cause=f"payee\n{id}",
            payments=((id, data.payment_id),),
            display=view.known(id).profile.name,
        ),
    )


RULE = Rule(
    slug="missing-descriptor",
    letter="Q1",
    family="quality",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, AlertRecord),
    sources=("Nacha rules in force from 20 Mar 2026",),
    fires=("another-descriptor", "no-descriptor-on-the-first-day"),
    silent=("no-descriptor-the-day-before", "descriptor-in-small-letters"),
    pays="payroll",
)
