"""C6: advances again and again."""

from typing import Any

from tests.scenarios.build import DAY, Json, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "earned-wage access as a benefit": "provider-of-the-policy",
    "hardship": "second-in-the-last-moment-of-60-days",
}


def _ask(t: Tale, at: int, who: str | Json = "E1", **more: Any) -> Json:
    person = payee(who) if isinstance(who, str) else who
    data = {
        "request_id": f"R{len(t.events)}",
        "payee": person,
        "method": "bank",
        "amount": {"value": "300.00", "currency": "USD"},
        "purpose": "advance",
    }
    return t.add("payout.request.v1", at, data | more)


def _paid(t: Tale, at: int, **more: Any) -> Json:
    return t.pay("E1", amount="300.00", at=at, **({"purpose": {"code": "ADVA"}} | more))


@fires(45)
def second_in_the_last_moment_of_60_days(t: Tale) -> None:
    _ask(t, 0)
    _ask(t, 60 * DAY - 1)


@silent()
def second_after_60_days(t: Tale) -> None:
    _ask(t, 0)
    _ask(t, 60 * DAY)


@fires(45)
def third_in_the_last_moment_of_180_days(t: Tale) -> None:
    for at in (0, 90 * DAY, 180 * DAY - 1):
        _ask(t, at)


@silent()
def third_after_180_days(t: Tale) -> None:
    for at in (0, 90 * DAY, 180 * DAY):
        _ask(t, at)


@fires(45)
def two_at_once(t: Tale) -> None:
    _ask(t, 0)
    _ask(t, 0)


@fires(45)
def two_paid(t: Tale) -> None:
    _paid(t, 0)
    _paid(t, DAY, purpose={"components": [{"type": "advance", "amount": "300.00"}]})


@silent()
def request_and_its_payment(t: Tale) -> None:
    request = _ask(t, 0)
    _paid(t, DAY, request_id=request["data"]["request_id"])


@fires(45)
def request_and_another_payment(t: Tale) -> None:
    _ask(t, 0)
    _paid(t, DAY, request_id="other")


@silent()
def payment_in_two_parts(t: Tale) -> None:
    for index in (1, 2):
        _paid(t, 0, payment_id="P", split={"index": index, "count": 2})


@silent()
def provider_of_the_policy(t: Tale) -> None:
    """With the payment that answers one of the requests."""
    t.policy(ewa_providers=["early"])
    for at in (0, DAY, 2 * DAY):
        request = _ask(t, at, provider="early")
    _paid(t, 3 * DAY, request_id=request["data"]["request_id"])


@fires(45)
def other_provider(t: Tale) -> None:
    t.policy(ewa_providers=["early"])
    _ask(t, 0, provider="late")
    _ask(t, DAY, provider="late")


@silent()
def withdrawals(t: Tale) -> None:
    _ask(t, 0, purpose="withdrawal")
    _ask(t, DAY, purpose="withdrawal")


def _remote(start: str | None, *, who: str = "C1", remote: bool = True) -> Json:
    return payee(who, remote=remote, **({} if start is None else {"start_date": start}))


def _twice(t: Tale, person: Json) -> None:
    """The second on 6 January 2026."""
    _ask(t, 0, person)
    _ask(t, DAY, person)


@fires(65)
def new_remote_contractor(t: Tale) -> None:
    """90 days after the start."""
    _twice(t, _remote("2025-10-08"))


@fires(45)
def remote_contractor_after_91_days(t: Tale) -> None:
    _twice(t, _remote("2025-10-07"))


@fires(45)
def new_contractor_on_site(t: Tale) -> None:
    _twice(t, _remote("2026-01-01", remote=False))


@fires(45)
def new_remote_employee(t: Tale) -> None:
    _twice(t, _remote("2026-01-01", who="E1"))


@fires(45)
def remote_contractor_of_unknown_start(t: Tale) -> None:
    _twice(t, _remote(None))
