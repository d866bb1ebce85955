"""The bank says that the account is not in the payee's name: it may be somebody else's.

A mismatch weighs more where the account is new and changed-account finds the change suspicious too.

Evidence: what the bank answered and who asked it, the score of changed-account for the same account.

False positives: trading and maiden names, joint accounts. After one analyst cleared it, allow the payee or account.

Next step: obtain proof of account ownership.
"""

from collections.abc import Iterator

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.records import AccountLinks, BlockRecord, PayeeRecord, TicketRecord
from sluicegate.detection.view import View
from sluicegate.rules import changed_account
from sluicegate.rules.base import ALERT_LEVEL, HIGH, MEDIUM, Entity, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment

CLOSE = 10


class Params(RuleParams, frozen=True):
    """Nothing to set."""


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayeeChange = view.data
    account = data.account if isinstance(data, Payment) else data.new_account
    if account is None or account.name_check is None or account.fp in view.policy.trusted:
        return
    status = account.name_check.status
    if status not in ("no_match", "close"):
        return
    id = data.payee.payee_id
    change = _points_of_change(view) if status == "no_match" else 0
    mismatch = HIGH if change >= ALERT_LEVEL else MEDIUM
    name = "does not match" if status == "no_match" else "is only close to"
    yield Finding(
        score=mismatch if status == "no_match" else CLOSE,
        subject=("payee", id),
        title="The account is not in the payee's name",
        text=f"The bank says that the name {name} that of the account's holder"
        + (f"; the change of account scores {change}." if change else "."),
        observed={"name_check": status, "checked_by": account.name_check.source, "changed_account_score": change},
        expected={"name_check": "match"},
        counterfactual="A name check with the result match would have kept it silent.",
        action="hold" if mismatch == HIGH else "verify_callback",
        cause=f"{id}\n{account.fp}",
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        entities=(Entity("account", account.fp, "new", account.bank_name, account.country, account.last4),),
        display=view.known(id).profile.name,
    )


def _points_of_change(view: View) -> int:
    """The score of changed-account for the same account on this event, whether it reports it or not."""
    if view.policy.mode(changed_account.RULE.slug) == "off":
        return 0
    found = changed_account.judge(view, view.policy.params(changed_account.RULE, changed_account.Params))
    return found.score.total if found is not None and found.migration is None else 0


RULE = Rule(
    slug="name-mismatch",
    letter="A4",
    family="account",
    params=Params,
    given="name check",
    on={PayeeChange: check, Payment: check},
    reads=(PayeeRecord, BlockRecord, AccountLinks, TicketRecord, AlertRecord),
    sources=("Nacha False Pretenses", "EU Verification of Payee, 9 Oct 2025"),
    clauses=("identity", "ownership"),
    fires=("name-does-not-match", "new-account-in-another-name", "change-to-an-account-in-another-name"),
    silent=("name-is-close", "check-unavailable", "trusted-account-in-another-name"),
    cause_family="account",
)
