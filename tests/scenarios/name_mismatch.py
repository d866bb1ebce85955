"""A4: what the bank says of the name."""

from tests.scenarios.build import DAY, Json, Tale, account
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "trading and maiden names": "trading-name-that-an-analyst-allowed",
    "joint accounts": "joint-account-of-a-payee-that-an-analyst-allowed",
    "After one analyst cleared it, allow the payee or account": "trading-name-that-an-analyst-allowed",
}

VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}


def _to(status: str) -> Json:
    return account("new", name_check={"status": status})


@fires(45)
def name_does_not_match(t: Tale) -> None:
    """The first account of a payee: changed-account does not look at it."""
    t.pay("V1", _to("no_match"))


@fires(65)
def new_account_in_another_name(t: Tale) -> None:
    """changed-account: 20 + 25 + 20."""
    t.pay("V1", _to("no_match"), at=t.history("V1", 3))


@fires(65)
def change_to_an_account_in_another_name(t: Tale) -> None:
    """changed-account scores 55 with an approver, and does not report that yet."""
    approval = {"approved_by": ["boss"]}
    t.change("V1", _to("no_match"), t.history("V1", 3), approval=approval, actor={"user_id": "u"})


@fires(45)
def verified_change_to_an_account_in_another_name(t: Tale) -> None:
    """changed-account: 20 - 30 + 20."""
    t.change("V1", _to("no_match"), t.history("V1", 3), verification=VERIFIED)


@fires(65)
def verified_change_to_an_account_abroad_in_another_name(t: Tale) -> None:
    """changed-account: 20 - 30 + 20 + 15 = 25."""
    to = _to("no_match") | {"country": "GB"}
    t.change("V1", to, t.history("V1", 3), verification=VERIFIED)


@fires(45)
def account_of_an_announced_migration_in_another_name(t: Tale) -> None:
    """changed-account scores 0."""
    t.policy(migrations=[{"from_bank": "OLD", "to_bank": "NEW"}])
    at = t.history("V1", 3, account("old", bank_id="OLD"))
    t.pay("V1", _to("no_match") | {"bank_id": "NEW"}, at=at)


@fires(45)
def new_account_in_another_name_where_changed_account_is_off(t: Tale) -> None:
    t.policy(rules={"changed-account": {"mode": "off"}})
    new_account_in_another_name(t)


@fires(45)
def account_of_a_new_payee_in_another_name(t: Tale) -> None:
    t.created("V1", _to("no_match"))


@silent(noted=10)
def name_is_close(t: Tale) -> None:
    t.pay("V1", _to("close"))


@silent()
def name_matches(t: Tale) -> None:
    t.pay("V1", _to("match"))


@silent()
def check_unavailable(t: Tale) -> None:
    t.pay("V1", _to("unavailable"))
    t.pay("V1", _to("not_done"), at=DAY)
    t.pay("V1", "new", at=2 * DAY)


@silent()
def trusted_account_in_another_name(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-new", "kind": "factoring"}])
    t.pay("V1", _to("no_match"))


@silent(noted=45)
def trading_name_that_an_analyst_allowed(t: Tale) -> None:
    allow = {
        "rule": "name-mismatch",
        "pivot": {"kind": "account", "value": "fp-new"},
        "expires": "2027-01-01T00:00:00Z",
    }
    t.verdict("al_" + "0" * 32, "false_positive", 0, allow=allow)
    t.pay("V1", _to("no_match"), at=DAY)


@silent(noted=45)
def joint_account_of_a_payee_that_an_analyst_allowed(t: Tale) -> None:
    t.allow("name-mismatch", "payee", "V1")
    t.pay("V1", _to("no_match") | {"joint": True}, at=DAY)
