"""The account of a known payee is changed, paid, and changed back: an intruder covers the tracks.

The way back is a change event, or the first payment to the old account after one to the new account. Accounts that
are paid in parts of one payment, and pairs that were both trusted before, go back and forth of their own.

Evidence: when the account was changed and changed back, and by what; the payments to the account in between, each with
what became of it; whether the first change was verified.

False positives: a typo that was corrected after the payment came back.

Next step: ask the payee whether they made either change; trace the payment to the second account.
"""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, Change, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, failed
from sluicegate.rules import changed_account
from sluicegate.rules.base import CRITICAL, HIGH, LOW, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment
from sluicegate.wire.scalars import format_time

NO_ACCOUNT_CODES = frozenset(("R03", "R04"))
"""No account, or its number is invalid: what a typo gives."""
MOST_SHOWN = 20


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days after the change within which it is taken back")] = 35


class Detour(NamedTuple):
    """The change away from an account, and what was paid until the way back."""

    changes: list[Change]
    """To the second account, oldest first."""
    payments: list[PaymentRow]


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayeeChange = view.data
    use, change = view.facts.use, view.facts.change
    id = data.payee.payee_id
    if use is None or not view.known(id).changes or use.fp in view.policy.trusted:
        return
    explicit = isinstance(data, PayeeChange)
    if explicit != (change is not None):
        return  # a payment that is a change itself goes to an account never used before: no way back
    found = _detour(view, params, id, use.fp)
    if found is None or not view.mature(id, found.changes[0].time) or _both_trusted(view, id, use.fp, found.changes[0]):
        return
    yield _finding(view, id, use.fp, found, explicit)


def _detour(view: View, params: Params, id: str, fp: str) -> Detour | None:
    """How the payee got from account `fp` to another one and was paid there; None where that is not so."""
    payee, since = view.known(id), view.time - params.window_days * DAY
    changes = [c for c in payee.changes if c.time < view.time and c.fp != fp]
    if not changes or changes[-1].time < since:
        return None
    second = changes[-1].fp
    to_second = [c for c in changes if c.fp == second and c.time >= since]
    first = to_second[0]
    if second in view.policy.trusted or _replaced(payee, first) != fp:
        return None
    rows = [r for r in view.rows(id, first.time - 1) if first.time <= r.time < view.time]
    payments = sorted((r for r in rows if second in r.fps), key=lambda r: (r.time, r.ref))
    if not payments or any(fp in r.fps and r.time >= payments[-1].time for r in rows):
        return None
    if any(fp in r.fps and second in r.fps for r in view.rows(id)):
        return None
    back_already = any(c.fp == fp and not c.implicit and payments[-1].time < c.time < view.time for c in payee.changes)
    return None if back_already else Detour(to_second, payments)


def _replaced(payee: PayeeRecord, change: Change) -> str | None:
    """The account that was in use before the change: paid last or stated, else the one registered last."""
    if change.old_fp is not None:
        return change.old_fp
    before = [use for use in payee.accounts if use.fp != change.fp and use.first_seen <= change.time]
    return max(before, key=lambda use: (use.first_seen, use.fp)).fp if before else None


def _both_trusted(view: View, id: str, fp: str, change: Change) -> bool:
    payee, params = view.known(id), view.policy.params(changed_account.RULE, changed_account.Params)
    uses = [payee.account(one) for one in (fp, change.fp)]
    return all(use is not None and changed_account.trusted(view, params, id, use, change.time, None) for use in uses)


def _finding(view: View, id: str, fp: str, found: Detour, explicit: bool) -> Finding:
    first, payments = found.changes[0], found.payments
    verified = any(c.verified for c in found.changes)
    came_back = all(failed(r) and r.code in NO_ACCOUNT_CODES for r in payments)
    if came_back:
        score, why = LOW, "every payment to the second account came back: no such account"
    else:
        score = HIGH if verified else CRITICAL
        why = f"the change to the second account was {'verified' if verified else 'not verified'}"
    hours = round((view.time - first.time) / 3.6e9, 1)
    count = "1 payment" if len(payments) == 1 else f"{len(payments)} payments"
    return Finding(
        score=score,
        subject=("payee", id),
        title="An account was changed, paid, and changed back",
        text=f"Changed, {count} to the second account, and back to the first after {hours} hours; {why}.",
        observed={
            "changed_at": format_time(first.time),
            "implicit_change": first.implicit,
            "verified": verified,
            "payments_to_second_account": [
                {"at": format_time(r.time), "value": r.value, "currency": r.currency, "status": r.status or None}
                for r in payments[:MOST_SHOWN]
            ],
            "reverted_at": format_time(view.time),
            "reverted_by": "change" if explicit else "payment",
        },
        expected={"payments_before_the_way_back": 0},
        counterfactual="Had the account been changed back before a payment, it would not have been reported.",
        action="review" if came_back else "hold",
        events=tuple(dict.fromkeys((*(c.ref for c in found.changes), *(r.ref for r in payments)))),
        payments=tuple((id, r.id) for r in payments),
        entities=(Entity("account", fp, "first"), Entity("account", first.fp, "second")),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="account-revert",
    letter="A2",
    family="account",
    params=Params,
    given="changes",
    on={PayeeChange: check, Payment: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Microsoft on Storm-2657, Oct 2025",),
    fires=("changed-back-on-the-35th-day", "paid-to-the-old-account-again", "typo-corrected-after-a-return"),
    silent=("changed-back-after-35-days", "changed-back-before-any-payment", "parts-of-one-payment"),
)
