"""Independent signs about one remote worker together form a pattern consistent with work under a borrowed identity.

The signs are those that authorities publish, in five groups: crypto, account, access, behaviour, HR. Each group counts
40 points at most, and at least two groups are needed, so that no habit of one kind is enough. Signs fade: full weight
for 30 days, none after 90. Sessions are those of the HR system, and of changes and requests the payee made. Who is
vouched for at their place of work is not measured by where they sign in from.

Evidence: every sign with its present weight, the sum of each group, the total.

False positives: digital nomads and relocated staff (two independent groups are always needed; attest the location);
employers of record abroad (put their accounts on the trusted account list).

Next step: HR and security review together; make no contact with the worker that would reveal the alert.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec import Meta

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import PayeeRecord, Profile
from sluicegate.detection.sign_records import SignRecord
from sluicegate.detection.signs import in_scope
from sluicegate.detection.view import View
from sluicegate.rules import changed_account
from sluicegate.rules.base import (
    ALERT_LEVEL,
    MEDIUM_FLOOR,
    Days,
    Finding,
    NotEvaluable,
    Points,
    Result,
    Rule,
    RuleParams,
)
from sluicegate.wire.events import PayeeChange, Payment, PaymentStatus, PayoutRequest, SharedCount, WorkerLifecycle

GROUP_MOST = 40
GROUPS = {
    "crypto": {"crypto": 30},
    "account": {"shared_account": 30, "account_churn": 20, "name_mismatch": 20, "early_change": 20},
    "access": {"sessions_abroad": 20, "many_countries": 20, "shared_device": 30},
    "behaviour": {"repeated_advance": 20, "many_employers": 30, "account_abroad": 20},
    "hr": {"background_check": 20, "document_mismatch": 30, "equipment_address": 20},
}
"""Group -> sign -> its full weight."""
WORDS = {
    "crypto": "pay asked for in crypto",
    "shared_account": "an account shared with other payees",
    "account_churn": "frequent changes of account",
    "name_mismatch": "an account in another name",
    "early_change": "a suspicious change of account soon after the start",
    "sessions_abroad": "sessions from another country",
    "many_countries": "sessions from three countries in a day",
    "shared_device": "a device or address used by several payees",
    "repeated_advance": "repeated advances",
    "many_employers": "pay from many employers to one account",
    "account_abroad": "pay to an account in another country",
    "background_check": "no passed background check",
    "document_mismatch": "documents that do not match",
    "equipment_address": "equipment sent to another address",
}

WITH_PAYEE = (Payment, PayeeChange, PayoutRequest, WorkerLifecycle)
"""Events that name a payee in full."""


class Params(RuleParams, frozen=True):
    full_days: Annotated[Days, Meta(description="days for which a sign keeps its full weight")] = 30
    zero_days: Annotated[Days, Meta(description="days after which a sign has no weight left")] = 90
    attest_days: Annotated[Days, Meta(description="days for which an attested location silences the access group")] = (
        180
    )
    high: Annotated[Points, Meta(description="points of two groups from which the finding is high")] = 60
    critical: Annotated[Points, Meta(description="points of three groups from which the finding is critical")] = 80


class Weighed(msgspec.Struct):
    """The signs about a payee, with what each weighs at the event's time."""

    signs: dict[str, Fraction]
    groups: dict[str, Fraction]
    events: list[str]

    @property
    def total(self) -> Fraction:
        return sum(self.groups.values(), Fraction(0))


def check(view: View, params: Params) -> Iterator[Result]:
    data = view.data
    named = None
    if isinstance(data, WITH_PAYEE):
        named = data.payee.payee_id
    elif isinstance(data, PaymentStatus):
        named = data.payee_id
    for id in _concerned(view, named):
        payee = view.payee(id)
        if payee is None or not in_scope(payee.profile):
            continue
        record = view.state.get(SignRecord, id)
        if id == named and (payee.profile.country is None or payee.profile.start_date is None):
            yield from _lacking(view, payee.profile, record)
        if record is None or not record.signs or (id not in view.news and record.told >= ALERT_LEVEL):
            continue
        weighed = weigh(record, view.time, params)
        score = judge(weighed, params)
        if score and (id in view.news or score >= ALERT_LEVEL):
            yield _finding(view, params, id, weighed, score)


def _concerned(view: View, named: str | None) -> Iterable[str]:
    """The payee that the event names, and those about whom it is news."""
    own = (named,) if named is not None else ()
    return sorted({*view.news, *own}) if view.news else own


def _lacking(view: View, profile: Profile, record: SignRecord | None) -> Iterator[NotEvaluable]:
    """Fields without which the event cannot be weighed."""
    if profile.country is None and (isinstance(view.data, Payment) or (record is not None and record.sessions)):
        yield NotEvaluable("payee.country")
    if profile.start_date is None and view.raised.get(changed_account.RULE.slug, 0) >= MEDIUM_FLOOR:
        yield NotEvaluable("payee.start_date")


def weigh(record: SignRecord, at: int, params: Params) -> Weighed:
    """What the signs weigh at a time: full weight at first, then falling in a straight line to none."""
    newest = {sign.name: sign for sign in record.signs if sign.time <= at}
    attested = record.attested is not None and record.attested <= at <= record.attested + params.attest_days * DAY
    out = Weighed({}, {}, [])
    for group, weights in GROUPS.items():
        if group == "access" and attested:
            continue
        for name, weight in weights.items():
            sign = newest.get(name)
            share = _share(at - sign.time, params) if sign is not None else Fraction(0)
            if sign is not None and share > 0:
                out.signs[name] = weight * share
                out.groups[group] = min(Fraction(GROUP_MOST), out.groups.get(group, Fraction(0)) + weight * share)
                if sign.ref not in out.events:
                    out.events.append(sign.ref)
    return out


def _share(age: int, params: Params) -> Fraction:
    full, zero = params.full_days * DAY, params.zero_days * DAY
    if age <= full or zero <= full:
        return Fraction(age <= full)
    return max(Fraction(0), Fraction(zero - age, zero - full))


def judge(weighed: Weighed, params: Params) -> int:
    """Points of all groups; below alert level where they are too few, or of too few groups."""
    total, groups = weighed.total, len(weighed.groups)
    if total >= params.critical and groups >= 3:
        return min(100, int(total))
    if total >= params.high and groups >= 2:
        return max(0, min(params.critical - 1, int(total)))
    return min(ALERT_LEVEL - 1, int(total))


def _finding(view: View, params: Params, id: str, weighed: Weighed, score: int) -> Finding:
    data = view.data
    own = (isinstance(data, (Payment, PayoutRequest))) and data.payee.payee_id == id
    strongest = sorted(weighed.signs, key=lambda name: (-weighed.signs[name], name))
    told = ", ".join(f"{WORDS[name]} ({_points(weighed.signs[name])})" for name in strongest)
    return Finding(
        score=score,
        subject=("payee", id),
        title="Pattern consistent with published signs of IT workers under a borrowed identity",
        text=f"{_points(weighed.total)} points from {len(weighed.groups)} groups of signs: {told}.",
        observed={
            "points": _points(weighed.total),
            "groups": {group: _points(value) for group, value in weighed.groups.items()},
            "signs": {name: _points(value) for name, value in weighed.signs.items()},
        },
        expected={"points_below": params.high, "groups_below": 2},
        counterfactual=f"Without {WORDS[strongest[0]]} it would have come to "
        f"{_points(_without(weighed, strongest[0]))} points.",
        action="review",
        cause=id,
        about=f"{data.source}\n{data.id}" if isinstance(data, SharedCount) else None,
        events=tuple(ref for ref in weighed.events if ref != view.ref),
        payments=((id, data.payment_id),) if own and isinstance(data, Payment) else (),
        requests=((id, view.ref),) if own and isinstance(data, PayoutRequest) else (),
        display=view.known(id).profile.name,
    )


def _points(value: Fraction) -> float:
    return int(value) if value.denominator == 1 else round(float(value), 1)


def _without(weighed: Weighed, name: str) -> Fraction:
    total = Fraction(0)
    for weights in GROUPS.values():
        rest = sum((weighed.signs[sign] for sign in weights if sign in weighed.signs and sign != name), Fraction(0))
        total += min(Fraction(GROUP_MOST), rest)
    return total


EVENTS = (*WITH_PAYEE, PaymentStatus, SharedCount)

RULE = Rule(
    slug="it-worker-pattern",
    letter="X1",
    family="pattern",
    params=Params,
    about_amount=True,
    on=dict.fromkeys(EVENTS, check),
    reads=(SignRecord, PayeeRecord),
    sources=(
        "US advisory on DPRK IT workers, 16 May 2022",
        "FBI PSAs on DPRK IT workers, 2023-2025",
        "Jersey FIU typology on DPRK IT workers",
        "UK OFSI advisory on DPRK IT workers, Sep 2024",
        "DOJ June 2025",
    ),
    clauses=("identity",),
    fires=("sixty-points-of-two-groups", "eighty-points-of-three-groups", "signs-at-the-last-moment-of-full-weight"),
    silent=("all-signs-of-one-group", "signs-a-moment-after-full-weight", "digital-nomad"),
)
