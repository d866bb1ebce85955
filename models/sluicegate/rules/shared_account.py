"""Pay of several payees goes to one account: perhaps one person behind several identities.

Active from the first event. Couples who declare one residence or a joint account are only noted.

Evidence: the payees of the account and how many of them are contractors or work remotely, whether they are of one
household.

False positives: court-ordered payments, employers of record, staffing firms, factoring banks (put them on the trusted
account list); couples (household check).

Next step: compare identities, addresses and devices of the payees; do not tell them.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import SubjectRecord
from sluicegate.detection.records import AccountLinks, BlockRecord, Link, PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import CRITICAL, HIGH, LOW, Count, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment

HOUSEHOLD = 15
MAX_ENTITIES = 200


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="age of the newest link that still counts")] = 400
    high_payees: Annotated[Count, Meta(description="payees from which the finding is high")] = 3


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment | PayeeChange = view.data
    account = data.account if isinstance(data, Payment) else data.new_account
    use = view.facts.use
    if account is None or use is None or account.fp in view.policy.trusted:
        return ()
    held = view.state.get(AccountLinks, account.fp)
    if held is None or len(held.links) < 2:
        return ()  # as nearly always: nobody else is paid there
    links = [link for link in view.links(AccountLinks, account.fp, params.window_days) if not link.ended]
    if len(links) < 2:
        return ()
    links.sort(key=lambda link: link.payee)
    flexible = sum(link.flexible for link in links)
    household = len(links) == 2 and view.household(links[0].payee, links[1].payee, use)
    if len(links) < params.high_payees:
        score = HOUSEHOLD if household else LOW
    else:
        score = CRITICAL if flexible >= params.high_payees else HIGH
    known = view.open_cause("account", account.fp, RULE.family, RULE.cause(account.fp))
    payees = [data.payee.payee_id] if known else [link.payee for link in links[:MAX_ENTITIES]]
    own = ((data.payee.payee_id, data.payment_id),) if isinstance(data, Payment) else ()
    title = f"{len(links)} payees share one account"
    return (
        Finding(
            score=score,
            subject=("account", account.fp),
            title=title,
            text=f"{title}; {flexible} of them are contractors or work remotely."
            + (" They declare one household." if household else ""),
            observed={"payees": len(links), "contractors_or_remote": flexible, "household": household},
            expected={"payees": 1, "window_days": params.window_days},
            counterfactual="One payee on the account, or its entry on the trusted account list, would have kept it "
            "silent.",
            action="hold" if score >= HIGH else "review",
            cause=account.fp,
            events=() if known else tuple(link.ref for link in links if link.ref != view.ref),
            payments=own if known else _payments(view, account.fp, links),
            entities=(
                Entity("account", account.fp, "shared", use.bank_name, use.country, use.last4),
                *(Entity("payee", payee, "paid_to_account") for payee in payees),
            ),
        ),
    )


def _payments(view: View, fp: str, links: list[Link]) -> tuple[tuple[str, str], ...]:
    """All payments of the group. Once an alert holds them, only what comes new is added to it."""
    return tuple(
        (link.payee, row.id)
        for link in links
        for row in sorted(view.rows(link.payee), key=lambda r: (r.time, r.ref))
        if fp in row.fps
    )


RULE = Rule(
    slug="shared-account",
    letter="A5",
    family="account",
    params=Params,
    on={Payment: check, PayeeChange: check},
    reads=(AccountLinks, PayeeRecord, BlockRecord, SubjectRecord),
    sources=("US v. Chapman (D.D.C. 2024)",),
    clauses=("ownership",),
    fires=("three-contractors-one-account", "two-payees-one-account", "second-payee-in-the-last-moment-of-400-days"),
    silent=("court-ordered-account", "second-payee-after-400-days", "couple-of-one-residence"),
)
