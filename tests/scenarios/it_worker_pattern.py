"""X1: several signs about one payee, from several groups."""

from tests.scenarios.build import DAY, HOUR, Json, Tale, account, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "digital nomads": "digital-nomad",
    "relocated staff": "attested-location-in-its-last-moment",
    "employers of record abroad": "account-on-the-trusted-list",
}

KNOWN = payee("C1", start_date="2020-01-01")
"""A contractor of old: a request in crypto says nothing of a new one."""


def _crypto(t: Tale, at: int = 0, who: str = "C1") -> None:
    t.request(who, at=at)


def _one_account(t: Tale, at: int = 0, to: str | Json = "one") -> None:
    for who in ("C1", "C2", "C3"):
        t.pay(who, to, at=at)


def _papers(t: Tale, at: int = 0, who: str | Json = "C1") -> None:
    """Two signs of HR: 50 points, of which 40 count."""
    t.worker(who, "flag", at, flag="document_mismatch", flag_value="true")
    t.worker(who, "flag", at, flag="background_check", flag_value="failed")


def _session(t: Tale, at: int, country: str = "LA", who: str | Json = "C1", **more: str) -> None:
    t.worker(who, "session", at, session={"ip_country": country} | more)


@fires(60)
def sixty_points_of_two_groups(t: Tale) -> None:
    _one_account(t)
    _crypto(t, DAY)


@fires(80)
def eighty_points_of_three_groups(t: Tale) -> None:
    _one_account(t, to=account("one", country="LA"))
    _crypto(t, DAY)


@fires(79)
def eighty_points_faded_by_a_moment(t: Tale) -> None:
    _one_account(t, to=account("one", country="LA"))
    _crypto(t, 30 * DAY + 1)


@fires(100)
def signs_of_all_groups(t: Tale) -> None:
    _one_account(t, to=account("one", country="LA"))
    _papers(t)
    _crypto(t, DAY)


@fires(60)
def account_on_the_trusted_list(t: Tale) -> None:
    """An employer of record abroad: neither a shared account nor one abroad."""
    t.policy(trusted_accounts=[{"fp": "fp-one", "kind": "eor"}])
    _one_account(t, to=account("one", country="LA"))
    _papers(t)
    t.worker("C1", "flag", DAY, flag="equipment_address_mismatch", flag_value="true")
    for n in range(3):
        _session(t, DAY + n)


@silent(noted=24)
def digital_nomad(t: Tale) -> None:
    """Signs of one group, however many, count 40."""
    for n, country in enumerate(("LA", "TH", "VN", "LA")):
        _session(t, n * HOUR, country, device_id="d")
    _session(t, 5 * HOUR, "US", "C2", device_id="d")
    _session(t, 6 * HOUR, "US", "C3", device_id="d")


@silent(noted=24)
def all_signs_of_one_group(t: Tale) -> None:
    _papers(t)
    t.worker("C1", "flag", flag="equipment_address_mismatch", flag_value="true")


@fires(60)
def signs_at_the_last_moment_of_full_weight(t: Tale) -> None:
    _one_account(t)
    _crypto(t, 30 * DAY)


@silent(noted=24)
def signs_a_moment_after_full_weight(t: Tale) -> None:
    _one_account(t)
    _crypto(t, 30 * DAY + 1)


@fires(60)
def sign_that_has_faded_to_two_thirds(t: Tale) -> None:
    _crypto(t)
    _papers(t, 50 * DAY)


@silent(noted=24)
def sign_that_has_faded_to_less(t: Tale) -> None:
    _crypto(t)
    _papers(t, 50 * DAY + 1)


@fires(60)
def remote_employee(t: Tale) -> None:
    remote = payee("E1", remote=True)
    _papers(t, who=remote)
    for n in range(3):
        _session(t, n, who=remote)


@silent()
def employee_at_the_office(t: Tale) -> None:
    _papers(t, who="E1")
    for n in range(3):
        _session(t, n, who="E1")
    t.request("E1", at=DAY)


@fires(70)
def employee_who_goes_remote(t: Tale) -> None:
    """What others found is kept until then."""
    _papers(t, who="E1")
    t.request("E1", at=0)
    t.pay(payee("E1", remote=True), at=30 * DAY)


@fires(60)
def third_session_abroad_in_the_last_moment_of_30_days(t: Tale) -> None:
    _session(t, 0)
    _session(t, DAY)
    _session(t, 30 * DAY - 1)
    _papers(t, 30 * DAY)


@silent(noted=24)
def third_session_abroad_after_30_days(t: Tale) -> None:
    _session(t, 0)
    _session(t, DAY)
    _session(t, 30 * DAY)
    _papers(t, 30 * DAY)


@silent(noted=24)
def sessions_at_home(t: Tale) -> None:
    for n in range(9):
        _session(t, n, "US")
    _papers(t)


@fires(60)
def sessions_of_requests_and_changes(t: Tale) -> None:
    """Where the payee's own changes come from counts like a session."""
    actor = {"role": "self", "ip_country": "LA", "device_known": True}
    for n in range(3):
        t.add("payee.change.v1", n, {"change": "profile", "payee": KNOWN, "actor": actor})
    _papers(t, HOUR)


@silent(noted=24)
def changes_made_by_others_abroad(t: Tale) -> None:
    actor = {"role": "hr", "ip_country": "LA", "device_known": True}
    for n in range(3):
        t.add("payee.change.v1", n, {"change": "profile", "payee": KNOWN, "actor": actor})
    _papers(t, HOUR)


@fires(60)
def third_country_in_the_last_moment_of_24_hours(t: Tale) -> None:
    for at, country in ((0, "US"), (HOUR, "LA"), (24 * HOUR - 1, "TH")):
        _session(t, at, country)
    _papers(t, DAY)


@silent(noted=24)
def third_country_after_24_hours(t: Tale) -> None:
    for at, country in ((0, "US"), (HOUR, "LA"), (24 * HOUR, "TH")):
        _session(t, at, country)
    _papers(t, DAY)


@fires(70)
def device_of_three_payees(t: Tale) -> None:
    for n, who in enumerate(("C1", "E2", "E3")):
        _session(t, n, "US", who, device_id="d")
    _papers(t, DAY)


@fires(70)
def address_of_three_payees(t: Tale) -> None:
    for n, who in enumerate(("E2", "E3", "C1")):
        _session(t, n, "US", who, ip="203.0.113.7")
    _papers(t, DAY)


@silent(noted=24)
def device_of_two_payees(t: Tale) -> None:
    for n, who in enumerate(("C1", "E2", "C1")):
        _session(t, n, "US", who, device_id="d")
    _papers(t, DAY)


@silent(noted=24)
def third_payee_of_a_device_after_30_days(t: Tale) -> None:
    for at, who in ((1, "C1"), (0, "E2"), (30 * DAY, "E3")):
        _session(t, at, "US", who, device_id="d")
    _papers(t, 30 * DAY)


@silent(noted=24)
def attested_location_in_its_last_moment(t: Tale) -> None:
    t.worker("C1", "attest", scope="location")
    for n in range(3):
        _session(t, 179 * DAY + n)
    _papers(t, 180 * DAY)


@fires(60)
def attested_location_of_too_long_ago(t: Tale) -> None:
    t.worker("C1", "attest", scope="location")
    for n in range(3):
        _session(t, 179 * DAY + n)
    _papers(t, 180 * DAY + 1)


@fires(60)
def attested_identity_is_no_location(t: Tale) -> None:
    t.worker("C1", "attest", scope="identity")
    for n in range(3):
        _session(t, DAY + n)
    _papers(t, 2 * DAY)


@fires(60)
def suspicious_change_on_the_90th_day(t: Tale) -> None:
    new = payee("C1", start_date="2026-01-05")
    t.history(new, 6)
    t.change(new, account("new", country="GB"), 90 * DAY, actor={"channel": "email"})
    _papers(t, 90 * DAY + 1)


@silent(noted=24)
def suspicious_change_on_the_91st_day(t: Tale) -> None:
    new = payee("C1", start_date="2026-01-04")
    t.history(new, 6)
    t.change(new, account("new", country="GB"), 90 * DAY, actor={"channel": "email"})
    _papers(t, 90 * DAY + 1)


@fires(60)
def account_in_another_name(t: Tale) -> None:
    t.pay("C1", account("C1", name_check={"status": "no_match"}))
    _papers(t)


@silent(noted=24)
def account_in_a_close_name(t: Tale) -> None:
    t.pay("C1", account("C1", name_check={"status": "close"}))
    _papers(t)


@fires(60)
def two_changes_of_account(t: Tale) -> None:
    t.change("C1", "a", 0)
    t.change("C1", "b", DAY)
    t.change("C1", "c", 2 * DAY)
    _papers(t, 2 * DAY)


@fires(60)
def repeated_advances(t: Tale) -> None:
    for n in range(2):
        t.add(
            "payout.request.v1",
            n * DAY,
            {
                "request_id": f"A{n}",
                "payee": payee("C1"),
                "method": "bank",
                "amount": {"value": "100", "currency": "USD"},
                "purpose": "advance",
            },
        )
    _papers(t, 2 * DAY)


@fires(70)
def many_employers(t: Tale) -> None:
    _papers(t)
    for n, who in enumerate(("C1", "E2", "E3")):
        of = f"tenant{n}" if n else t.tenant
        t.policy(cross_tenant_counts=True)["tenantid"] = of
        t.pay(who, "one", "1500", n * DAY)["tenantid"] = of


@silent(noted=24)
def request_whose_rule_is_in_the_shadow(t: Tale) -> None:
    t.policy(rules={"crypto-request": {"mode": "shadow"}})
    _papers(t)
    _crypto(t)


@silent(noted=24)
def request_that_was_allowed(t: Tale) -> None:
    allow = {
        "rule": "crypto-request",
        "pivot": {"kind": "payee", "value": "C1"},
        "expires": "2027-01-01T00:00:00Z",
    }
    t.verdict("al_" + "0" * 32, "benign", 0, allow=allow)
    _papers(t)
    _crypto(t)


@silent()
def pattern_that_is_allowed(t: Tale) -> None:
    allow = {
        "rule": "it-worker-pattern",
        "pivot": {"kind": "payee", "value": "C1"},
        "expires": "2027-01-01T00:00:00Z",
    }
    t.verdict("al_" + "0" * 32, "benign", 0, allow=allow)
    _papers(t)
    _crypto(t)
