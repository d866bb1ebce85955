"""S3: countries and regions under comprehensive sanctions."""

from tests.scenarios.build import DAY, Tale, account, payee, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a worker on a journey who logs in from there": "session-from-north-korea",
    "a bank code that was assigned to the wrong country": "account-in-iran",
    "a programme that was lifted": "country-that-the-policy-leaves-out",
}


@fires(85)
def account_in_iran(t: Tale) -> None:
    t.pay("V1", account("x", country="IR"))


@fires(85)
def account_in_crimea(t: Tale) -> None:
    t.pay("V1", account("x", country="UA", region="UA-43"))


@fires(85)
def payee_in_crimea(t: Tale) -> None:
    t.pay(payee("C1", country="UA", region="UA-43"))


@fires(85)
def payee_in_cuba_asks_for_crypto(t: Tale) -> None:
    t.request(payee("C1", country="CU"))


@fires(85)
def account_changed_to_north_korea(t: Tale) -> None:
    t.change("E1", account("x", country="KP"))


@fires(85)
def account_of_a_request(t: Tale) -> None:
    t.request("E1", method="bank", account=account("x", country="IR"))


@fires(85)
def place_told_earlier(t: Tale) -> None:
    """The payee's last known place counts where an event does not repeat it."""
    t.created(payee("C1", country="UA", region="UA-14"))
    t.pay({"payee_id": "C1", "kind": "contractor"}, at=DAY)


@fires(65)
def session_from_north_korea(t: Tale) -> None:
    t.worker("E1", "session", session={"ip": "198.51.100.7", "ip_country": "KP"})


@fires(65)
def change_made_from_iran(t: Tale) -> None:
    t.change("E1", "x", actor={"user_id": "u", "role": "self", "ip": "198.51.100.7", "ip_country": "IR"})


@fires(65)
def request_made_from_cuba(t: Tale) -> None:
    t.request("C1", wallet(), actor={"role": "self", "ip_country": "CU"})


@fires(85)
def country_and_address_alike(t: Tale) -> None:
    """The stronger of the two decides."""
    t.request(payee("C1", country="CU"), wallet(), actor={"role": "self", "ip_country": "CU"})


@fires(85)
def country_that_the_policy_adds(t: Tale) -> None:
    t.policy(rules={"sanctioned-country": {"params": {"countries": ["SY"]}}})
    t.pay("V1", account("x", country="SY"))


@silent()
def country_that_the_policy_leaves_out(t: Tale) -> None:
    """A programme was lifted."""
    t.policy(rules={"sanctioned-country": {"params": {"countries": ["KP", "IR"]}}})
    t.pay("V1", account("x", country="CU"))


@silent()
def account_in_turkey(t: Tale) -> None:
    t.pay("V1", account("x", country="TR"))


@silent()
def payee_in_kyiv(t: Tale) -> None:
    t.pay(payee("C1", country="UA", region="UA-30"))


@silent()
def session_from_next_door(t: Tale) -> None:
    t.worker("E1", "session", session={"ip": "198.51.100.7", "ip_country": "KR"})


@silent()
def session_that_says_nothing(t: Tale) -> None:
    t.worker("E1", "session")


@silent()
def hire_with_a_session(t: Tale) -> None:
    t.worker("E1", "hire", effective_date="2026-01-05", session={"ip": "198.51.100.7", "ip_country": "KP"})


@silent()
def country_not_told(t: Tale) -> None:
    t.pay({"payee_id": "V1", "kind": "vendor"})
