"""A purpose code is not in the ISO 20022 code sets: rules that read it are blind.

The purpose is looked up among purposes, the category among category purposes; codes are written in capital letters.

Evidence: the codes as sent, and the edition of the code sets in which they were looked for.

False positives: a code that ISO published after the shipped edition of the sets.

Next step: fix the producer.
"""

from collections.abc import Iterable

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.purpose_codes import CATEGORY_PURPOSES, EDITION, PURPOSES
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import Payment


class Params(RuleParams, frozen=True):
    """Nothing to set."""


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment = view.data
    if data.purpose is None:
        return ()
    unknown: dict[str, str] = {}
    code, category = data.purpose.code, data.purpose.category_code
    if code and code not in PURPOSES:
        unknown["code"] = code
    if category and category not in CATEGORY_PURPOSES:
        unknown["category_code"] = category
    if not unknown:
        return ()
    id, source = data.payee.payee_id, view.event.source
    told = " and ".join(f"{name.replace('_', ' ')} {code!r}" for name, code in unknown.items())
    return (
        Finding(
            score=ALERT_LEVEL,
            subject=("source", source),
            title="A source sends purpose codes that do not exist",
            text=f"The purpose's {told} cannot be found in the ISO 20022 code sets ({EDITION}).",
            observed=unknown,
            expected={"code_sets": ["ExternalPurpose1Code", "ExternalCategoryPurpose1Code"], "edition": EDITION},
            counterfactual="A code of the ISO 20022 external code sets would have kept it silent.",
            action="none",
            cause=f"source\n{source}",
            payments=((id, data.payment_id),),
        ),
    )


RULE = Rule(
    slug="unknown-purpose",
    letter="Q5",
    family="quality",
    params=Params,
    given="purpose code",
    on={Payment: check},
    reads=(AlertRecord,),
    sources=("ISO 20022 external code sets",),
    fires=("code-that-does-not-exist", "category-that-does-not-exist"),
    silent=("salary", "no-code"),
)
