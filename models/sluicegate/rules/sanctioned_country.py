"""Money, a payee or somebody at a keyboard in a country or region under comprehensive sanctions.

The country of the account's bank and the payee's declared one weigh most; an address of the internet is weaker, as it
may be a relay.

Evidence: the code of the country or region, and in which fields it stands.

False positives: a worker on a journey who logs in from there; a bank code that was assigned to the wrong country; a
programme that was lifted (set `countries` and `regions`).

Next step: stop; legal review.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import CRITICAL, HIGH, Entity, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.rules.screened import REPORT_WITHIN
from sluicegate.wire.blocks import Account
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest, WorkerLifecycle
from sluicegate.wire.scalars import Country, Region


class Params(RuleParams, frozen=True):
    countries: Annotated[
        tuple[Country, ...], Meta(description="countries, ISO 3166-1", max_length=250, extra={"unit": "codes"})
    ] = ("KP", "IR", "CU")
    regions: Annotated[
        tuple[Region, ...], Meta(description="regions, ISO 3166-2", max_length=1000, extra={"unit": "codes"})
    ] = ("UA-43", "UA-40", "UA-14", "UA-09")


Places = tuple[tuple[str, str | None], ...]
"""Where the event names a country or region, and which."""
FIELDS = ("account", "account", "payee", "payee", "ip")
"""Of an event that `check` looks at."""


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment | PayoutRequest | PayeeChange = view.data
    account = data.new_account if isinstance(data, PayeeChange) else data.account
    actor = None if isinstance(data, Payment) else data.actor
    profile = view.known(data.payee.payee_id).profile
    lacking = (NotEvaluable("payee.country"),) if profile.country is None and profile.region is None else ()
    named = (
        account.country if account else None,
        account.region if account else None,
        profile.country,
        profile.region,
        actor.ip_country if actor else None,
    )
    if _codes(params.countries, params.regions).isdisjoint(named):
        return lacking
    places = tuple(zip(FIELDS, named, strict=True))
    return (*lacking, *_judge(view, params, data.payee.payee_id, places, account, actor.ip if actor else None))


def at_session(view: View, params: Params) -> Iterator[Result]:
    data: WorkerLifecycle = view.data
    session = data.session
    if data.action == "session" and session is not None:
        yield from _judge(view, params, data.payee.payee_id, (("ip", session.ip_country),), None, session.ip)


def _judge(
    view: View, params: Params, id: str, places: Places, account: Account | None, ip: str | None
) -> Iterator[Finding]:
    """One finding for each code, as each is a case of its own."""
    codes = _codes(params.countries, params.regions)
    found: dict[str, list[str]] = {}
    for field, code in places:
        if code is not None and code in codes:
            found.setdefault(code, []).append(field)
    for code, fields in found.items():
        yield _finding(view, params, id, code, fields, account, ip)


@lru_cache(maxsize=256)
def _codes(countries: tuple[str, ...], regions: tuple[str, ...]) -> frozenset[str | None]:
    return frozenset((*countries, *regions))


NAMES = {"account": "the account's bank", "payee": "the payee's declared place", "ip": "the address of the session"}


def _finding(
    view: View, params: Params, id: str, code: str, fields: list[str], account: Account | None, ip: str | None
) -> Finding:
    data = view.data
    by_account, only_ip = "account" in fields, fields == ["ip"]
    entities: list[Entity] = []
    if by_account and account is not None:
        entities.append(Entity("account", account.fp, None, account.bank_name, account.country, account.last4))
    ips = (ip,) if ip is not None and "ip" in fields else ()
    entities += [Entity("ip", one) for one in ips]
    more: dict[str, Any] = {}
    if not only_ip:
        calendar = view.policy.calendar
        more["deadline"] = str(calendar.add_business_days(calendar.local_date(view.time), REPORT_WITHIN))
    if isinstance(data, Payment):
        more["payments"] = ((id, data.payment_id),)
    elif isinstance(data, PayoutRequest):
        more["requests"] = ((id, view.ref),)
        entities.append(Entity("request", data.request_id))
    where = " and ".join(NAMES[field] for field in fields)
    return Finding(
        score=HIGH if only_ip else CRITICAL,
        subject=("payee", id),
        title=f"In a country or region under comprehensive sanctions: {code}",
        text=f"{where[0].upper()}{where[1:]} is in {code}, which the policy lists as under comprehensive sanctions.",
        observed={"code": code, "fields": fields},
        expected={"not_in": [*params.countries, *params.regions]},
        counterfactual="A place that is not on the list of countries and regions would not have been reported.",
        action="block_per_policy" if by_account else "review",
        cause=code,
        entities=tuple(entities),
        ips=ips,
        display=view.known(id).profile.name,
        **more,
    )


RULE = Rule(
    slug="sanctioned-country",
    letter="S3",
    family="sanctions",
    params=Params,
    on={Payment: check, PayoutRequest: check, PayeeChange: check, WorkerLifecycle: at_session},
    reads=(PayeeRecord,),
    sources=("OFAC sanctions compliance guidance for the virtual currency industry, October 2021",),
    fires=("account-in-iran", "payee-in-crimea", "session-from-north-korea"),
    silent=("account-in-turkey", "payee-in-kyiv", "session-from-next-door"),
)
