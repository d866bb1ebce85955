"""A known payee's money goes to a new account: payroll diversion, business e-mail compromise.

Half of a payer's vendors change their data within a year, so a change by itself is no alert: what counts is whether
it was verified, how it was asked for, and where the money now goes. The first payment to an account that was never
announced is a change too.

Evidence: old and new account (bank, country, last digits, kind), the points that make the score, channel and
verification of the change, the name check, hours from change to payment, other payees of the account, the amount at
risk.

False positives: bank mergers, payroll cards, neobanks. Verification, a bank's notice of change, an announced
migration, the trusted account list or an allow entry silences them.

Next step: call the payee on the number held before the change; a second person records the callback; hold the payment
until then.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT, median
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import (
    AccountLinks,
    AccountUse,
    BlockRecord,
    Change,
    PayeeRecord,
    PaymentRow,
    TicketRecord,
)
from sluicegate.detection.view import View, settled
from sluicegate.rules.accounts import Old, Score, from_bank, others
from sluicegate.rules.base import (
    ALERT_LEVEL,
    Count,
    Days,
    Entity,
    Finding,
    Hours,
    NotEvaluable,
    Points,
    Ratio,
    Result,
    Rule,
    RuleParams,
)
from sluicegate.wire.events import PayeeChange, Payment

BANK_KINDS = frozenset(("iban", "us_aba", "uk_sort", "clabe", "other_bank"))
MOVABLE_KINDS = frozenset(("prepaid", "emi", "vasp", "wallet"))
FAST_RAILS = frozenset(("wire", "rtp", "fednow", "same_day_ach", "sepa_inst", "fps"))


class Params(RuleParams, frozen=True):
    max_age_days: Annotated[Days, Meta(description="age of a change up to which payments are looked at")] = 180
    aged_days: Annotated[Days, Meta(description="age from which a change counts little")] = 30
    trust_ratio: Annotated[
        Ratio, Meta(description="share of the usual amount that a payment must reach to build trust")
    ] = 0.5
    trust_payments: Annotated[Count, Meta(description="settled payments that make an unverified account trusted")] = 2
    emit_at_change: Annotated[Points, Meta(description="score from which the change itself is reported")] = 60
    amount_ratio: Annotated[Ratio, Meta(description="multiple of the usual amount that adds points")] = 1.5
    pay_date_business_days: Annotated[Count, Meta(description="business days before pay day that add points")] = 3
    mfa_reset_days: Annotated[Days, Meta(description="days for which a reset second factor is fresh")] = 7
    migration_min_payees: Annotated[Count, Meta(description="payees of one ticket that make it a migration")] = 20
    late_explain_hours: Annotated[Hours, Meta(description="hours in which a late change event explains a payment")] = 48


class Judged(NamedTuple):
    """What the rule makes of the event's account, whether it reports it or not."""

    use: AccountUse
    change: Change
    row: PaymentRow | None
    score: Score
    migration: str | None
    """The ticket or migration that explains the change altogether."""


def judge(view: View, params: Params) -> Judged | None:
    """The score of the account that the event names; None where the rule does not look at it."""
    data: Payment | PayeeChange = view.data
    use = view.facts.use
    if use is None or use.initial or use.fp in view.policy.trusted:
        return None
    id = data.payee.payee_id
    payee = view.known(id)
    row = view.facts.part if isinstance(data, Payment) else None
    change = view.facts.change if row is None else _change_for(payee, use.fp, view.time)
    if change is None or view.time - change.time > params.max_age_days * DAY:
        return None
    if trusted(view, params, id, use, view.time, change) or not view.mature(id, view.time):
        return None
    score, migration = _score(view, params, id, payee, use, change, row)
    return Judged(use, change, row, score, migration)


def at_change(view: View, params: Params) -> Iterator[Result]:
    data: PayeeChange = view.data
    change, use = view.facts.change, view.facts.use
    if change is None or use is None or use.fp in view.policy.trusted:
        return
    id = data.payee.payee_id
    if view.facts.explained and view.open_cause("payee", id, RULE.family, RULE.cause(f"{id}\n{use.fp}")):
        yield from _explain_late(view, params, id, view.known(id), use, change)
    found = judge(view, params)
    if found is None:
        return
    if data.actor is None:
        yield NotEvaluable("actor")
    if found.migration is not None or found.score.total >= params.emit_at_change:
        yield from _tell(view, params, id, found)


def at_payment(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    found = judge(view, params)
    if found is None:
        return
    if found.change.implicit:
        yield NotEvaluable("actor")
    yield from _tell(view, params, data.payee.payee_id, found)


def _tell(view: View, params: Params, id: str, found: Judged) -> Iterator[Finding]:
    use, change, row, score, migration = found
    if migration is not None:
        yield from _notice(view, id, use, migration, change)
    else:
        yield _finding(view, params, id, view.known(id), use, change, score, row)


def _explain_late(
    view: View, params: Params, id: str, payee: PayeeRecord, use: AccountUse, change: Change
) -> Iterator[Finding]:
    """Score the payments anew that came before the change that explains them."""
    best: tuple[Score, PaymentRow] | None = None
    for row in view.facts.explained:
        score, migration = _score(view, params, id, payee, use, change, row)
        if migration is not None:
            score = Score()
        if best is None or score.total > best[0].total:
            best = score, row
    if best is not None:
        yield _finding(view, params, id, payee, use, change, best[0], best[1], replace=True)


def _change_for(payee: PayeeRecord, fp: str, at: int) -> Change | None:
    """The change that brought the account: the last announced one before the payment, else the implied one."""
    changes = [c for c in payee.changes if c.fp == fp and c.time <= at]
    return next((c for c in reversed(changes) if not c.implicit), changes[0] if changes else None)


def trusted(view: View, params: Params, id: str, use: AccountUse, at: int, change: Change | None) -> bool:
    """Initial, cleared by an analyst, or paid often enough with amounts worth the name."""
    if use.initial or use.cleared or use.fp in view.policy.trusted:
        return True
    needed = 1 if change is not None and change.verified else params.trust_payments
    found = 0
    worth: dict[str, Decimal | None] = {}
    for row in view.rows(id):
        if row.time >= at or use.fp not in row.fps or not settled(row, at):
            continue
        if row.currency not in worth:
            usual = _usual(view, id, row.currency, at)
            worth[row.currency] = EXACT.multiply(Decimal(str(params.trust_ratio)), usual) if usual is not None else None
        least = worth[row.currency]
        if least is not None and Decimal(row.value) >= least:
            found += 1
            if found >= needed:
                return True
    return False


def _usual(view: View, id: str, currency: str, at: int) -> Decimal | None:
    baseline = view.baseline(id, currency, at)
    return median([Decimal(row.value) for row in baseline]) if len(baseline) >= 2 else None


def _old_account(view: View, params: Params, id: str, payee: PayeeRecord, change: Change) -> Old:
    """The trusted account paid last before the change, else what the change itself said."""
    paid = [
        use
        for use in payee.accounts
        if use.fp != change.fp
        and use.last_paid
        and trusted(view, params, id, use, change.time, _change_for(payee, use.fp, change.time))
    ]
    if paid:
        use = max(paid, key=lambda u: (u.last_paid, u.fp))
        return Old(use.fp, use.country, use.scheme, use.bank_name, use.last4)
    return Old(change.old_fp, change.old_country, change.old_scheme)


def _score(
    view: View, params: Params, id: str, payee: PayeeRecord, use: AccountUse, change: Change, row: PaymentRow | None
) -> tuple[Score, str | None]:
    """Points by test; with them the ticket or migration that explains the change altogether, if there is one."""
    at = row.time if row is not None else change.time
    migration = _migration(view, params, change, use)
    score = Score()
    aged = at - change.time > params.aged_days * DAY
    score.add("aged_change" if aged else "change", 5 if aged else 20)
    check = row.name_check if row is not None and row.name_check is not None else change.name_check
    if change.verified:
        score.add("verified", -30)
    elif from_bank(payee, change):
        score.add("bank_notice_of_change", -30)
    elif check == "match":
        score.add("name_check_match", -10)
    else:
        score.add("unverified", 25)
    score.add("name_check_no_match", 20, check == "no_match")
    score.add("name_check_close", 5, check == "close")
    old = _old_account(view, params, id, payee, change)
    score.add("other_country", 15, bool(old.country and use.country and old.country != use.country))
    score.add("bank_to_movable", 15, old.scheme in BANK_KINDS and use.scheme in MOVABLE_KINDS)
    score.add("near_pay_date", 10, _near_pay_date(view, params, payee, change, row))
    reset = change.mfa_changed_at
    fresh_reset = reset is not None and 0 <= change.time - reset <= params.mfa_reset_days * DAY
    score.add("new_device_or_place", 10, change.device_known is False or change.ip_country_new is True or fresh_reset)
    score.add("by_email_or_phone", 15, change.channel in ("email", "phone") and not change.verified)
    score.add("fast_rail_or_high_amount", 15, row is not None and _urgent(view, params, id, row))
    score.add("account_of_another_payee", 25, bool(others(view, id, use)))
    score.add("contact_changed_before", 10, any(0 <= change.time - t <= 7 * DAY for t in payee.contacts))
    own = change.role == "self" and change.channel == "portal" and change.device_known and change.mfa
    score.add("known_self_service", -10, bool(own) and not fresh_reset)
    score.add("second_approver", -10, change.second_approver)
    return score, migration


def _near_pay_date(view: View, params: Params, payee: PayeeRecord, change: Change, row: PaymentRow | None) -> bool:
    if change.implicit or payee.profile.kind not in ("employee", "contractor"):
        return False
    calendar = view.policy.calendar
    changed = calendar.local_date(change.time)
    if row is None:
        pay = calendar.next_pay_date(changed)
    else:
        pay = date.fromisoformat(row.pay_date) if row.pay_date is not None else calendar.local_date(row.time)
    if pay is None or pay < changed or (pay - changed).days > 60:
        return False
    return calendar.business_days(changed, pay) <= params.pay_date_business_days


def _urgent(view: View, params: Params, id: str, row: PaymentRow) -> bool:
    baseline = view.baseline(id, row.currency, row.time)
    if baseline and row.rail in FAST_RAILS:
        rails = Counter(r.rail for r in baseline)
        usual_rail = min(rails, key=lambda rail: (-rails[rail], rail))
        if usual_rail not in FAST_RAILS:
            return True
    usual = _usual(view, id, row.currency, row.time)
    return usual is not None and Decimal(row.value) >= EXACT.multiply(Decimal(str(params.amount_ratio)), usual)


def _migration(view: View, params: Params, change: Change, use: AccountUse) -> str | None:
    if change.channel == "bulk_import" and change.ticket:
        ticket = view.state.get(TicketRecord, change.ticket)
        near = {p for p, t in ticket.changes if abs(t - change.time) <= 7 * DAY} if ticket is not None else set()
        if len(near) >= params.migration_min_payees:
            return f"ticket {change.ticket}"
    day = view.policy.calendar.local_date(change.time)
    for move in view.policy.migrations:
        if (
            use.bank_id == move.to_bank
            and move.from_bank in (change.stated_bank_id, change.old_bank_id)
            and ((move.since is None or move.since <= day) and (move.until is None or day <= move.until))
        ):
            return f"migration {move.from_bank} to {move.to_bank}"
    return None


def _notice(view: View, id: str, use: AccountUse, migration: str, change: Change) -> Iterator[Finding]:
    yield Finding(
        score=0,
        subject=("payee", id),
        title="Accounts change in an announced migration",
        text=f"The change belongs to {migration}; changes under it are not scored.",
        observed={"migration": migration},
        expected={"migration": migration},
        counterfactual="",
        action="none",
        notice=True,
        cause=migration,
        entities=(Entity("account", use.fp, "new", country=use.country, last4=use.last4),),
        events=(change.ref,),
    )


def _finding(
    view: View,
    params: Params,
    id: str,
    payee: PayeeRecord,
    use: AccountUse,
    change: Change,
    score: Score,
    row: PaymentRow | None,
    *,
    replace: bool = False,
) -> Finding:
    old = _old_account(view, params, id, payee, change)
    entities = [Entity("account", use.fp, "new", use.bank_name, use.country, use.last4)]
    if old.fp is not None:
        entities.append(Entity("account", old.fp, "old", old.bank, old.country, old.last4))
    if change.user is not None:
        entities.append(Entity("user", change.user, "actor"))
    if change.device is not None:
        entities.append(Entity("device", change.device))
    if change.ip is not None:
        entities.append(Entity("ip", change.ip))
    shared = others(view, id, use)
    entities += [Entity("payee", other, "same_account") for other in shared[:20]]
    vendor = payee.profile.kind == "vendor"
    who = "vendor" if vendor else "payee"
    how = "no change event announced it" if change.implicit else f"changed by {change.channel or 'an unknown channel'}"
    proof = "verified" if change.verified else "not verified"
    observed = {
        "implicit_change": change.implicit,
        "verified": change.verified,
        "points": score.points,
        "new_account": {"scheme": use.scheme, "country": use.country, "bank": use.bank_name, "last4": use.last4},
        "old_account": {
            "scheme": change.old_scheme,
            "country": change.old_country,
            "last4": old.last4 if old else None,
        },
        "channel": change.channel,
        "name_check": row.name_check if row is not None and row.name_check else change.name_check,
        "hours_from_change_to_payment": round((row.time - change.time) / 3.6e9, 1) if row is not None else None,
        "other_payees_on_account": len(shared),
    }
    if row is not None:
        observed["amount_at_risk"] = {"value": row.value, "currency": row.currency}
    title = (
        f"First payment to an account never seen for this {who}"
        if change.implicit
        else f"Pay of a known {who} goes to a changed account"
    )
    if row is None:
        title = f"The account of a known {who} was changed"
    weight = ", ".join(f"{name.replace('_', ' ')} {points:+d}" for name, points in score.points.items())
    proven = score.total - score.points.get("unverified", 0) - (0 if change.verified else 30)
    return Finding(
        score=score.total,
        subject=("payee", id),
        title=title,
        text=f"{title}: {how}, {proof} ({weight}).",
        observed=observed,
        expected={"verified": True, "account": "one that this payee was paid to before"},
        counterfactual=(
            f"A verified change would have scored {max(0, proven)}."
            if proven < ALERT_LEVEL
            else "Payment to the account used before would not have been reported."
        ),
        action="hold" if score.total >= 60 else "verify_callback",
        cause=f"{id}\n{use.fp}",
        events=(change.ref,),
        payments=((id, row.id),) if row is not None else (),
        entities=tuple(entities),
        ips=(change.ip,) if change.ip is not None else (),
        display=payee.profile.name,
        replace_score=replace,
    )


RULE = Rule(
    slug="changed-account",
    letter="A1",
    family="account",
    params=Params,
    given="changes",
    on={PayeeChange: at_change, Payment: at_payment},
    reads=(PayeeRecord, BlockRecord, AccountLinks, TicketRecord, AlertRecord),
    sources=("FinCEN FIN-2016-A003", "FinCEN FIN-2019-A005", "FBI PSA 180918", "Nacha False Pretenses"),
    clauses=("authority", "ownership"),
    fires=("diverted-before-pay-day", "unannounced-account", "change-by-email", "payment-180-days-after-the-change"),
    silent=("verified-change", "bulk-migration", "payee-not-mature", "bank-announced-the-account"),
    cause_family="account",
)
