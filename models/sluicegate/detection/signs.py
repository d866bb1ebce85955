"""Notes what `it-worker-pattern` weighs: findings of other rules, sessions, HR flags, accounts abroad.

Sessions and accounts abroad, of which there are many, are kept only for payees who are contractors or work remotely.
A sign of one name is kept a few times at most, because it counts once, with the weight of the newest.
"""

from __future__ import annotations

from bisect import insort
from datetime import date
from typing import TYPE_CHECKING

from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.records import AccountLinks, PayeeRecord
from sluicegate.detection.sign_records import Sign, SignInRecord, SignRecord
from sluicegate.rules.base import MEDIUM_FLOOR
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest, WorkerLifecycle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sluicegate.detection.policy import Policy
    from sluicegate.detection.records import Profile
    from sluicegate.detection.state import State
    from sluicegate.detection.view import View
    from sluicegate.rules.base import Finding, Rule
    from sluicegate.wire.events import Data

PATTERN = "it-worker-pattern"
FOUND = {
    "crypto-request": "crypto",
    "crypto-in-fiat": "crypto",
    "wallet-churn": "crypto",
    "shared-account": "shared_account",
    "account-churn": "account_churn",
    "name-mismatch": "name_mismatch",
    "changed-account": "early_change",
    "repeated-advance": "repeated_advance",
    "many-employers": "many_employers",
}
"""Rule -> the sign that a finding of it at medium or above is. Of name-mismatch these are those of another name."""
FLAGS: dict[tuple[str | None, str | None], str] = {
    ("background_check", "failed"): "background_check",
    ("background_check", "missing"): "background_check",
    ("document_mismatch", "true"): "document_mismatch",
    ("document_mismatch", None): "document_mismatch",
    ("equipment_address_mismatch", "true"): "equipment_address",
    ("equipment_address_mismatch", None): "equipment_address",
}
EARLY_DAYS = 90
"""A change of account so soon after the start date is a sign."""
LINKED = 400 * DAY
SIGN_INS = 30 * DAY
LATE = 7 * DAY
"""How late a session may come and still be seen together with others of its time."""
ABROAD = 3
COUNTRIES, COUNTRIES_WITHIN = 3, 24 * HOUR
PAYEES = 3
"""Sessions from abroad, countries in a day, payees of one device: so many are a sign."""
MOST_SESSIONS = 64
MOST_PAYEES = 64
MOST_OF_A_NAME = 3


def in_scope(profile: Profile) -> bool:
    """Whom the pattern is looked for in: contractors, and those who work remotely."""
    return profile.kind == "contractor" or bool(profile.remote)


# findings of other rules


def note_finding(
    state: State, policy: Policy, rule: Rule, finding: Finding, ref: str, time: int, news: set[str]
) -> None:
    """Keep a finding that reached an alert, if it is a sign; payees about whom that is new go into `news`."""
    name = FOUND.get(rule.slug)
    if name is None:
        return
    if finding.score < MEDIUM_FLOOR:
        if finding.replace_score:
            forget_finding(state, rule, finding, ref)
        return
    for payee in _about(state, rule.slug, finding, time):
        held = state.get(PayeeRecord, payee)
        if held is not None and (name != "early_change" or _early(policy, held.profile, time)):
            _add(state, policy, payee, Sign(name, time, ref), news)


def forget_finding(state: State, rule: Rule, finding: Finding, ref: str) -> None:
    """A later word took back what was found about these payments."""
    payee = finding.subject[1]
    record, held = state.edit(SignRecord, payee), state.get(PayeeRecord, payee)
    if record is not None and held is not None:
        name, payments = FOUND.get(rule.slug), {payment for _, payment in finding.payments}
        refs = {ref, *finding.events, *(row.ref for row in held.rows if row.id in payments)}
        record.signs = [sign for sign in record.signs if sign.name != name or sign.ref not in refs]


def note_told(state: State, rule: Rule, finding: Finding) -> None:
    """Remember what an alert said of the signs, so that it is said again only with new ones."""
    record = state.edit(SignRecord, finding.subject[1]) if rule.slug == PATTERN else None
    if record is not None:
        record.told = finding.score


def _about(state: State, slug: str, finding: Finding, time: int) -> Iterable[str]:
    kind, id = finding.subject
    if kind == "payee":
        return (id,)
    if slug == "shared-account":
        links = state.get(AccountLinks, id)
        return [link.payee for link in links.links if link.time > time - LINKED] if links is not None else ()
    return sorted({payee for payee, _ in finding.payments})


def _early(policy: Policy, profile: Profile, time: int) -> bool:
    if profile.start_date is None:
        return False
    return 0 <= (policy.calendar.local_date(time) - date.fromisoformat(profile.start_date)).days <= EARLY_DAYS


# what events say themselves


def note_signs(view: View, data: Data, news: set[str]) -> None:
    """Keep what the event itself says: where from and with what the payee signed in, flags, an account abroad."""
    if isinstance(data, Payment):
        profile, account = view.known(data.payee.payee_id).profile, data.account
        abroad = bool(profile.country and account.country) and profile.country != account.country
        if abroad and in_scope(profile) and account.fp not in view.policy.trusted:
            _add(view.state, view.policy, data.payee.payee_id, Sign("account_abroad", view.time, view.ref), news)
    elif isinstance(data, WorkerLifecycle):
        _lifecycle(view, data, news)
    elif isinstance(data, (PayeeChange, PayoutRequest)):
        actor = data.actor
        if actor is not None and actor.role == "self":
            _session(view, data.payee.payee_id, actor.ip, actor.ip_country, actor.device_id, news)


def _lifecycle(view: View, data: WorkerLifecycle, news: set[str]) -> None:
    payee, session = data.payee.payee_id, data.session
    if data.action == "session" and session is not None:
        _session(view, payee, session.ip, session.ip_country, session.device_id, news)
    elif data.action == "flag":
        name = FLAGS.get((data.flag, data.flag_value))
        if name is not None:
            _add(view.state, view.policy, payee, Sign(name, view.time, view.ref), news)
    elif data.action == "attest" and data.scope == "location" and in_scope(view.known(payee).profile):
        record = _record(view.state, payee)
        record.attested = max(record.attested or view.time, view.time)
        _keep(view.state, view.policy, payee, record, view.time)


def _session(view: View, payee: str, ip: str | None, country: str | None, device: str | None, news: set[str]) -> None:
    for kind, value in (("device", device), ("ip", ip)):
        if value:
            for other in _signed_in(view, payee, f"{kind}\n{value}"):
                profile = _profile(view.state, other)
                if profile is not None:
                    _add(view.state, view.policy, other, Sign("shared_device", view.time, view.ref), news)
    profile = _profile(view.state, payee)
    if country is None or profile is None:
        return
    record, time = _record(view.state, payee), view.time
    kept = [held for held in record.sessions if held[0] > view.clock - SIGN_INS - LATE]
    insort(kept, (time, country))
    record.sessions = kept[-MOST_SESSIONS:]
    _keep(view.state, view.policy, payee, record, time)
    countries = {of for at, of in record.sessions if time - COUNTRIES_WITHIN < at <= time}
    if len(countries) >= COUNTRIES:
        _add(view.state, view.policy, payee, Sign("many_countries", time, view.ref), news)
    away = sum(of != profile.country for at, of in record.sessions if time - SIGN_INS < at <= time)
    if profile.country and away >= ABROAD:
        _add(view.state, view.policy, payee, Sign("sessions_abroad", time, view.ref), news)


def _signed_in(view: View, payee: str, id: str) -> Iterator[str]:
    """Payees of whom it becomes known, or known again, that they share the device or address with enough others."""
    record = view.state.edit(SignInRecord, id)
    if record is None:
        record = SignInRecord()
        view.state.put(id, record)
    before = sum(view.time - SIGN_INS < at <= view.time for other, at in record.payees.items() if other != payee)
    known = record.payees.get(payee, 0)
    record.payees[payee] = max(known, view.time)
    _trim(record, view.clock)
    record.due = view.clock + SIGN_INS + LATE
    view.state.schedule(SignInRecord.KIND, id, record.due)
    if before + 1 < PAYEES:
        return
    reached = before + 1 == PAYEES and known <= view.time - SIGN_INS
    yield from (
        other
        for other, at in sorted(record.payees.items())
        if other == payee or (reached and view.time - SIGN_INS < at <= view.time)
    )


def _trim(record: SignInRecord, clock: int) -> None:
    kept = {payee: at for payee, at in record.payees.items() if at > clock - SIGN_INS - LATE}
    for payee in sorted(kept, key=lambda p: (kept[p], p))[: max(0, len(kept) - MOST_PAYEES)]:
        del kept[payee]
    record.payees = kept


# keeping it


def _profile(state: State, payee: str) -> Profile | None:
    """The payee's profile, if the pattern is looked for in them."""
    held = state.get(PayeeRecord, payee)
    return held.profile if held is not None and in_scope(held.profile) else None


def _record(state: State, payee: str) -> SignRecord:
    record = state.edit(SignRecord, payee)
    if record is None:
        record = SignRecord()
        state.put(payee, record)
    return record


def _add(state: State, policy: Policy, payee: str, sign: Sign, news: set[str]) -> None:
    """Keep a sign; it is news unless the same was known already and has not lost any of its weight."""
    record = _record(state, payee)
    full = policy.param(PATTERN, "full_days") * DAY
    mine = [held for held in record.signs if held.name == sign.name]
    if not any(sign.time - full <= held.time <= sign.time for held in mine):
        news.add(payee)
    if any(held.ref == sign.ref for held in mine):
        return
    insort(record.signs, sign, key=lambda held: (held.time, held.name, held.ref))
    if len(mine) >= MOST_OF_A_NAME:
        record.signs.remove(next(held for held in record.signs if held.name == sign.name))
    _keep(state, policy, payee, record, sign.time)


def _keep(state: State, policy: Policy, payee: str, record: SignRecord, time: int) -> None:
    """Have the record forgotten once nothing of it can count."""
    days = max(policy.param(PATTERN, "zero_days"), policy.param(PATTERN, "attest_days"))
    due = max(record.due or 0, time + days * DAY + 1)
    if due != record.due:
        record.due = due
        state.schedule(SignRecord.KIND, payee, due)
