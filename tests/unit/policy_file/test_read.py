"""Policy files: what they come to, every fault with its line, key and remedy, and the way back to text."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.detection.policy import check_policy
from sluicegate.policies import policy_event
from sluicegate.policy_file.allowed import is_optional
from sluicegate.policy_file.read import FileFault, PolicyFile, read
from sluicegate.policy_file.template import template
from sluicegate.policy_file.write import write
from sluicegate.rules.registry import RULES
from sluicegate.wire.blocks import Money
from sluicegate.wire.decode import decode
from sluicegate.wire.events import (
    CryptoPolicy,
    Migration,
    PolicyUpdate,
    RecurringContract,
    RuleSetting,
    TrustedAccount,
)

TODAY = date(2026, 11, 23)


def sound(text: str) -> PolicyFile:
    found = read(text, TODAY)
    assert isinstance(found, PolicyFile), found
    return found


def faults(text: str) -> list[FileFault]:
    found = read(text, TODAY)
    assert isinstance(found, list)
    return found


def policy(**fields: Any) -> PolicyUpdate:
    return msgspec.convert(fields, PolicyUpdate)


FULL = """
tenant = "acme"
base_currency = "EUR"
timezone = "Europe/Berlin"
limits = ["3000", "10000.50"]
pay_days = [15, "last_business_day"]
pay_dates = [2026-12-23, "2026-12-30"]
holidays = [2026-12-25]
vasp_banks = ["b"]
ewa_providers = ["e"]
no_deduction_payees = ["E1"]
roster = true
household_check = false
screen_dob = false
cross_tenant_counts = true
approver_timezones = { "a b" = "Asia/Tokyo" }

[crypto]
allowed = true
providers = ["p"]
assets = ["USDC"]
networks = ["eip155:1"]
max = "2000"

[clearance]
hold_from = 80
review_from = 40
unscored = "release"
wait_minutes = 5

[[trusted_accounts]]
fp = "fp-1"
kind = "court_order"
note = "n"

[[recurring_contracts]]
payee_id = "V1"
amount = { value = "5.00", currency = "EUR" }
every_days = 30

[[migrations]]
from_bank = "1"
to_bank = "2"
from = 2026-01-01
until = 2026-02-01

[rules.pay-spike]
mode = "shadow"
[rules.pay-spike.params]
min_ratio = 2
[rules.near-limit]
mode = "off"
[rules.sanctioned-name]
params.engine_possible = ""
"""
FULL_DATA: dict[str, Any] = {
    "base_currency": "EUR",
    "timezone": "Europe/Berlin",
    "limits": ["3000", "10000.50"],
    "pay_days": [15, "last_business_day"],
    "pay_dates": ["2026-12-23", "2026-12-30"],
    "holidays": ["2026-12-25"],
    "vasp_banks": ["b"],
    "ewa_providers": ["e"],
    "no_deduction_payees": ["E1"],
    "roster": True,
    "household_check": False,
    "screen_dob": False,
    "cross_tenant_counts": True,
    "approver_timezones": {"a b": "Asia/Tokyo"},
    "crypto": {"allowed": True, "providers": ["p"], "assets": ["USDC"], "networks": ["eip155:1"], "max": "2000"},
    "trusted_accounts": [{"fp": "fp-1", "kind": "court_order", "note": "n"}],
    "recurring_contracts": [{"payee_id": "V1", "amount": {"value": "5.00", "currency": "EUR"}, "every_days": 30}],
    "migrations": [{"from_bank": "1", "to_bank": "2", "from": "2026-01-01", "until": "2026-02-01"}],
    "clearance": {"hold_from": 80, "review_from": 40, "unscored": "release", "wait_minutes": 5},
    "rules": {
        "pay-spike": {"mode": "shadow", "params": {"min_ratio": 2}},
        "near-limit": {"mode": "off"},
        "sanctioned-name": {"params": {"engine_possible": None}},
    },
}


def test_file_may_say_all_that_a_policy_says() -> None:
    found = sound(FULL)
    assert (found.tenant, found.update) == ("acme", policy(**FULL_DATA))
    assert {*FULL_DATA} == {*PolicyUpdate.__struct_fields__}
    assert found.policy.param("sanctioned-name", "engine_possible") is None


def test_file_of_a_tenant_alone_is_the_default_policy() -> None:
    assert sound('tenant = "acme"') == PolicyFile("acme", PolicyUpdate())


FAULTY: list[tuple[str, str, str]] = [
    ("", "tenant", "missing"),
    ('tenant = "*"', "tenant", "expected a tenant"),
    ('tenant = "Acme"', "tenant", "expected a tenant"),
    ("tenant = 7", "tenant", "expected a tenant"),
    ("tenant = 'a'\nlimts = ['1']", "limts", "unknown key; did you mean limits?"),
    ("tenant = 'a'\nlimits = [1]", "limits[0]", "expected a decimal as text"),
    ("tenant = 'a'\nlimits = '1'", "limits", "expected an array"),
    ("tenant = 'a'\npay_days = [\n 15,\n 32,\n]", "pay_days[1]", "from 1 to 31 or one of last_business_day"),
    ("tenant = 'a'\npay_dates = [2026-12-23T00:00:00]", "pay_dates[0]", "expected a date"),
    ("tenant = 'a'\nbase_currency = 'usd'", "base_currency", "three capital letters"),
    ("tenant = 'a'\ntimezone = 'Europe/Berln'", "timezone", "did you mean Europe/Berlin?"),
    ("tenant = 'a'\n[approver_timezones]\nbob = 'Here'", "approver_timezones.bob", "not an IANA time zone"),
    ("tenant = 'a'\n[crypto]\nproviders = []", "crypto.allowed", "missing"),
    ("tenant = 'a'\n[clearance]\nhold_from = 20", "clearance.hold_from", "from 25 to 100"),
    ("tenant = 'a'\n[clearance]\nreview_from = 70", "clearance.review_from", "at most hold_from"),
    ("tenant = 'a'\n[clearance]\nunscored = 'wait'", "clearance.unscored", "hold"),
    ("tenant = 'a'\n[clearance]\nwait_minutes = 0", "clearance.wait_minutes", "from 1 to 10080"),
    ("tenant = 'a'\n[clearance]\nwait_minute = 5", "clearance.wait_minute", "did you mean wait_minutes?"),
    ("tenant = 'a'\n[crypto]\nallowed = true\nalowed = true", "crypto.alowed", "did you mean allowed?"),
    ("tenant = 'a'\n[[trusted_accounts]]\nkind = 'x'", "trusted_accounts[0].fp", "missing"),
    ("tenant = 'a'\n[[trusted_accounts]]\nfp='x'\nknid = 'x'", "trusted_accounts[0].knid", "did you mean kind?"),
    ("tenant = 'a'\n[[migrations]]\nfrom_bank='1'\nto_bank='2'\nsince='x'", "migrations[0].since", "unknown key"),
    ("tenant = 'a'\n[rules]\nno-such-rule = {}", "rules.no-such-rule", "unknown rule"),
    ("tenant = 'a'\n[rules.pay-spik]\nmode='off'", "rules.pay-spik", "did you mean pay-spike?"),
    ("tenant = 'a'\n[rules.pay-spike]\nmode='loud'", "rules.pay-spike.mode", "live, off, shadow"),
    ("tenant = 'a'\n[rules.pay-spike]\nmin_z=3", "rules.pay-spike.min_z", "under [rules.pay-spike.params]"),
    ("tenant = 'a'\n[rules.pay-spike.params]\nmin_zz=3", "rules.pay-spike.params.min_zz", "did you mean min_z?"),
    ("tenant = 'a'\n[rules.pay-spike.params]\nmin_history=0", "rules.pay-spike.params.min_history", "1 to 100000"),
    ("tenant = 'a'\n[rules.pay-spike.params]\nmin_z=inf", "rules.pay-spike.params.min_z", "0 to 1000"),
    ("tenant = 'a'\n[rules.pay-spike.params]\nmin_z=nan", "rules.pay-spike.params.min_z", "0 to 1000"),
    ("tenant = 'a'\n[rules.pay-spike.params]\nmin_z=''", "rules.pay-spike.params.min_z", "found other text"),
    ("tenant = 'a'\n[rules.pay-spike]\nparams=1", "rules.pay-spike.params", "expected an object"),
    ("tenant = 'a'\nrules = 1", "rules", "expected an object"),
    ("tenant = 'a'\nholidays = 1", "holidays", "expected an array"),
    ("tenant = 'a'\n[holidays]\nyears = [2026]", "holidays.country", "missing"),
    ("tenant = 'a'\n[holidays]\ncountry = 'XX'", "holidays.country", "expected a country"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nsubdivision='XX'", "holidays.subdivision", "subdivision of US"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nyears=[]", "holidays.years", "an array of years"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nyears=[1999]", "holidays.years[0]", "2000 to 2099"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nextra=['x']", "holidays.extra[0]", "expected a date"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nexcept=[2026-11-24]", "holidays.except[0]", "no public holiday"),
    ("tenant = 'a'\n[holidays]\ncountry = 'US'\nexcpt=[]", "holidays.excpt", "did you mean except?"),
]


@pytest.mark.parametrize(("text", "path", "words"), FAULTY)
def test_fault_is_named_with_its_line_its_key_and_what_is_allowed(text: str, path: str, words: str) -> None:
    (fault,) = faults(text)
    assert fault.path == path
    assert words in fault.message
    last = re.split(r"[.\[]", path.removesuffix("]"))[-1]
    if "missing" not in words:
        line = text.splitlines()[fault.line - 1]
        assert last in line or last.isdigit()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("tenant = ", 1, "no TOML: Invalid value"),
        ("tenant = 'a'\n\n[x", 3, "no TOML"),
        ("tenant = 'a'\ntenant = 'b'", 2, "no TOML: Cannot overwrite a value"),
        ("x = " + "[" * 5000, 1, "no TOML that can be read"),
        ("x = " + "9" * 5000, 1, "no TOML that can be read"),
    ],
)
def test_text_that_is_no_toml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    (fault,) = faults(text)
    assert (fault.line, fault.path) == (line, "")
    assert words in fault.message


def test_all_faults_are_told_in_the_order_of_the_file() -> None:
    text = "\n".join(
        [
            "limts = []",
            "pay_days = [0]",
            "[holidays]",
            "country = 'XX'",
            "[rules.pay-spike.params]",
            "min_history = 0",
            "min_zz = 1",
            "[rules.nothing]",
        ]
    )
    assert [(fault.line, fault.path) for fault in faults(text)] == [
        (1, "tenant"),
        (1, "limts"),
        (2, "pay_days[0]"),
        (4, "holidays.country"),
        (6, "rules.pay-spike.params.min_history"),
        (7, "rules.pay-spike.params.min_zz"),
        (8, "rules.nothing"),
    ]


def test_texts_of_a_file_are_not_repeated_in_its_faults() -> None:
    for fault in faults("tenant = 'SECRET!'\nlimits = ['SECRET!']\nbase_currency = 'SECRET!'\ntimezone = 'SECRET!'"):
        assert "SECRET" not in fault.message


def test_policy_that_no_event_can_hold_is_refused() -> None:
    accounts = "".join(f"[[trusted_accounts]]\nfp = 'f{n}'\nnote = '{'x' * 500}'\n" for n in range(2000))
    (fault,) = faults(f"tenant = 'a'\n{accounts}")
    assert "1,000,000 bytes" in fault.message


# holidays


def test_holidays_of_a_country_are_dates_with_additions_and_without_exceptions() -> None:
    text = "tenant = 'a'\n[holidays]\ncountry = 'US'\nyears = [2026]\nextra = [2026-12-24]\nexcept = [2026-10-12]"
    found = sound(text)
    assert found.update.holidays == tuple(sorted({*found.update.holidays}))
    assert {date(2026, 1, 1), date(2026, 12, 24), date(2026, 12, 25)} < {*found.update.holidays}
    assert date(2026, 10, 12) not in found.update.holidays
    assert {day.year for day in found.update.holidays} == {2026}
    assert "US, years 2026" in found.holidays
    assert found.holidays.endswith("1 added, 1 left out")


def test_years_that_are_not_named_are_this_one_and_the_next_two_and_that_is_said() -> None:
    found = sound("tenant = 'a'\n[holidays]\ncountry = 'DE'\nsubdivision = 'BY'")
    assert {day.year for day in found.update.holidays} == {2026, 2027, 2028}
    assert date(2027, 1, 6) in found.update.holidays  # Epiphany, in Bavaria
    assert "DE-BY, years 2026, 2027, 2028, which are not named in the file" in found.holidays


# back to text

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
dates = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.from_regex(r"[0-9]{1,18}(\.[0-9]{1,18})?\Z", fullmatch=True)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Indiana/Knox"])


def tuples(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def settings(draw: st.DrawFn, slug: str) -> RuleSetting:
    params = {}
    for name, default in msgspec.structs.asdict(RULES[slug].params()).items():
        value = list(default) if isinstance(default, tuple) else default
        choices = [st.just(value)] + [st.none()] * is_optional(slug, name)
        if isinstance(default, float):
            choices += [st.just(1), st.floats(0, 1)]
        if draw(st.booleans()):
            params[name] = draw(st.one_of(choices))
    return RuleSetting(mode=draw(st.sampled_from(["live", "shadow", "off"])), params=params)


@st.composite
def policies(draw: st.DrawFn) -> PolicyUpdate:
    slugs = draw(st.lists(st.sampled_from(sorted(RULES)), max_size=4, unique=True))
    switch = st.booleans()
    return PolicyUpdate(
        base_currency=draw(st.sampled_from(["USD", "EUR"])),
        timezone=draw(zones),
        limits=draw(tuples(amounts)),
        pay_days=draw(tuples(st.integers(1, 31) | st.just("last_business_day"))),
        pay_dates=draw(tuples(dates)),
        holidays=draw(st.lists(dates, max_size=20).map(tuple)),
        crypto=CryptoPolicy(
            allowed=draw(switch),
            providers=draw(tuples(names)),
            assets=draw(tuples(names)),
            networks=draw(tuples(st.just("eip155:1"))),
            max=draw(st.none() | amounts),
        ),
        trusted_accounts=draw(
            tuples(st.builds(TrustedAccount, fp=names, kind=st.none() | names, note=st.none() | names))
        ),
        recurring_contracts=draw(
            tuples(
                st.builds(
                    RecurringContract,
                    payee_id=names,
                    amount=st.builds(Money, value=amounts, currency=st.just("EUR")),
                    every_days=st.none() | st.integers(1, 400),
                )
            )
        ),
        migrations=draw(
            tuples(
                st.builds(Migration, from_bank=names, to_bank=names, since=st.none() | dates, until=st.none() | dates)
            )
        ),
        roster=draw(switch),
        household_check=draw(switch),
        screen_dob=draw(switch),
        vasp_banks=draw(tuples(names)),
        ewa_providers=draw(tuples(names)),
        no_deduction_payees=draw(tuples(names)),
        approver_timezones=draw(st.dictionaries(names, zones, max_size=3)),
        cross_tenant_counts=draw(switch),
        rules={slug: draw(settings(slug)) for slug in slugs},
    )


@given(policies())
def test_policy_to_file_and_back_is_the_same_policy(update: PolicyUpdate) -> None:
    assert check_policy(update) is None
    assert sound(write("acme", update)) == PolicyFile("acme", update)


def test_what_a_file_says_is_what_the_stream_takes() -> None:
    """The policy of the file, sent as an event, is decoded to the same."""
    update = policy(**FULL_DATA)
    event = decode(policy_event("acme", update, 1_790_000_000_000_000)[1], topic="policies")
    assert getattr(event, "data", event) == update


# the file to start from


def test_template_is_sound_and_the_default_policy() -> None:
    assert sound(template("acme")) == PolicyFile("acme", PolicyUpdate())


def test_template_names_all_there_is_and_is_sound_with_everything_taken_in() -> None:
    lines = [
        re.sub(r"^# (?=\[|[a-z_]+ = |\"user)", "", line)
        for line in template("acme").splitlines()
        if not line.startswith("# Dates alone")
    ]
    found = sound("\n".join(lines))
    uncovered = {field for field in PolicyUpdate.__struct_fields__ if f"{field}" not in template("acme")}
    assert uncovered == set()
    assert set(found.update.rules) == set(RULES)
    defaults = PolicyFile("acme", PolicyUpdate()).policy
    for rule in RULES.values():
        assert found.policy.params(rule, rule.params) == defaults.params(rule, rule.params)
    assert len(found.update.crypto.networks) == len(found.update.migrations) == 1
