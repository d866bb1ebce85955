"""A bank sent the payment back with a code that says something about the account.

R17 marked questionable, R90 and R16 are the receiving bank's own suspicion or order; R03 and R04 on an account that
was just changed say that the new account is not what it seems.

Evidence: the code of the return, whether the bank questions the payment, days since the account was changed.

False positives: a typo in a new account number; an account that its owner closed.

Next step: stop further payments to the account; ask the receiving bank.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import AccountUse, BlockRecord, PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import CRITICAL, HIGH, MEDIUM, Days, Entity, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.events import PaymentStatus

NO_ACCOUNT_CODES = frozenset(("R03", "R04"))
WEAK_CODES = frozenset(("R02", "R20", "R23"))
WEAK, NOTED = 25, 10


class Params(RuleParams, frozen=True):
    change_window_days: Annotated[Days, Meta(description="days after a change for which R03 and R04 count")] = 30


def check(view: View, params: Params) -> Iterator[Result]:
    data: PaymentStatus = view.data
    if data.status not in ("returned", "rejected"):
        return
    if data.code is None:
        yield NotEvaluable("code")
    id = data.payee_id
    payee = view.payee(id)
    fp = _account(view, data)
    if fp is None:
        yield NotEvaluable("account_fp")
    changed = (
        max((c.time for c in payee.changes if c.fp == fp and c.time <= view.time), default=None) if payee else None
    )
    fresh = changed is not None and view.time - changed <= params.change_window_days * DAY
    yield Finding(
        score=_score(data, fresh),
        subject=("payee", id),
        title="A bank sent a payment back",
        text=f"The payment was {data.status} with code {data.code or 'none'}"
        + (", marked as questionable" if data.questionable else "")
        + (f", within {params.change_window_days} days after a change to the account." if fresh else "."),
        observed={
            "code": data.code,
            "questionable": data.questionable,
            "days_since_change": (view.time - changed) // DAY if changed is not None else None,
        },
        expected={"status": "settled"},
        counterfactual="A settled payment, or a return with another code, would have stayed below alert level.",
        action="hold",
        cause=f"{id}\n{fp}" if fp is not None else None,
        payments=((id, data.payment_id),),
        entities=(_entity(fp, payee.account(fp) if payee is not None else None),) if fp is not None else (),
        display=payee.profile.name if payee is not None else None,
    )


def _entity(fp: str, use: AccountUse | None) -> Entity:
    if use is None:
        return Entity("account", fp, "returned")
    return Entity("account", fp, "returned", use.bank_name, use.country, use.last4)


def _score(data: PaymentStatus, fresh: bool) -> int:
    """By code; `fresh`: the account was changed lately."""
    if data.code == "R90":
        return CRITICAL
    if data.code == "R16" or (data.code == "R17" and data.questionable):
        return HIGH
    if data.code in NO_ACCOUNT_CODES and fresh:
        return MEDIUM
    return WEAK if data.code in WEAK_CODES else NOTED


def _account(view: View, data: PaymentStatus) -> str | None:
    """The account that sent it back: as the status says, else the payment's if it went to one alone."""
    if data.account_fp is not None:
        return data.account_fp
    row = view.find_row(data.payee_id, data.payment_id)
    return row.fps[0] if row is not None and len(row.fps) == 1 else None


RULE = Rule(
    slug="return-signal",
    letter="A6",
    family="account",
    params=Params,
    on={PaymentStatus: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Nacha return reason codes",),
    fires=("questionable-r17", "r90", "no-account-30-days-after-a-change", "account-closed"),
    silent=("plain-r17", "no-account-more-than-30-days-after-a-change", "insufficient-funds"),
    cause_family="account",
)
