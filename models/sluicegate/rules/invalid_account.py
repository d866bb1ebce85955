"""The account's number cannot be right: a check said so, or the routing number's check digit is wrong.

A US routing number has nine digits, and the sum of its digits times 3, 7, 1, 3, 7, 1, 3, 7, 1 ends in 0.

Evidence: the scheme and last digits of the account, and what the producer's own check said.

False positives: none known; a number that cannot exist is not paid.

Next step: fix the producer.
"""

from collections.abc import Iterable
from functools import lru_cache

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, Entity, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest

WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


class Params(RuleParams, frozen=True):
    """Nothing to set."""


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment | PayeeChange | PayoutRequest = view.data
    account = data.new_account if isinstance(data, PayeeChange) else data.account
    if account is None:
        return ()
    if account.number_check == "invalid":
        why = "a check found the account number invalid"
    elif account.scheme != "us_aba":
        return ()
    elif account.bank_id is None:
        return (NotEvaluable("account.bank_id"),)
    elif valid_routing_number(account.bank_id):
        return ()
    else:
        why = "the routing number is not one"
    id = data.payee.payee_id
    return (
        Finding(
            score=ALERT_LEVEL,
            subject=("payee", id),
            title="An account number is invalid",
            text=f"The account cannot be paid as it stands: {why}.",
            observed={"scheme": account.scheme, "number_check": account.number_check, "last4": account.last4},
            expected={"number_check": "valid", "check_digit": "right"},
            counterfactual="A number that passes its check would have kept it silent.",
            action="none",
            cause=f"payee\n{id}",
            payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
            entities=(Entity("account", account.fp, "invalid", account.bank_name, account.country, account.last4),),
            display=view.known(id).profile.name,
        ),
    )


@lru_cache(maxsize=4096)
def valid_routing_number(text: str) -> bool:
    """Whether the text is a US routing number: nine digits, the last of which is the check digit.

    >>> [valid_routing_number(text) for text in ("021000021", "123456789", "02100002")]
    [True, False, False]
    """
    if len(text) != len(WEIGHTS) or not (text.isascii() and text.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=True)) % 10 == 0


RULE = Rule(
    slug="invalid-account",
    letter="Q2",
    family="quality",
    params=Params,
    on={Payment: check, PayeeChange: check, PayoutRequest: check},
    reads=(PayeeRecord, AlertRecord),
    sources=("ABA routing number check digit",),
    fires=("check-digit-one-off", "eight-digits", "number-found-invalid"),
    silent=("right-check-digit", "number-not-checked", "bank-id-of-another-scheme"),
)
