"""A policy file to start from: everything a policy may say, as comments with the defaults or an example."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sluicegate.policy_file.allowed import allowed
from sluicegate.policy_file.write import value_text
from sluicegate.rules.registry import RULES

__all__ = ["template"]

_HEAD = """\
# The policy of a tenant: how its payments are judged. What is commented out is not set; what stands there is the
# default, or an example where the comment says so. `sluicegate policy check FILE` says what a file amounts to.
tenant = {tenant}

# base_currency = "USD"
# timezone = "UTC"                          # IANA name; decides what day it is

# Limits of approval, base currency, as text (example).
# limits = ["3000", "10000"]

# Days of the month on which pay is due, moved to the business day before; and dates by themselves (examples).
# pay_days = [15, "last_business_day"]
# pay_dates = [2026-12-23]

# roster = false                            # HR events tell of every hire and leaver
# household_check = true                    # couples may share an account
# screen_dob = true                         # dates of birth may clear a hit on a sanctions list
# cross_tenant_counts = false               # take part in counts across tenants

# Names as payments give them (examples).
# vasp_banks = ["Example Exchange Bank"]
# ewa_providers = ["advance-provider"]
# no_deduction_payees = ["E100"]

# Public holidays of a country, as dates from the day of publishing on. Without years: this one and the next two.
# Dates alone do as well: holidays = [2026-12-25]
# [holidays]
# country = "US"
# subdivision = "CA"
# years = [2026, 2027]
# extra = [2026-12-24]
# except = [2026-11-27]

# [crypto]
# allowed = false
# providers = ["approved-provider"]         # example, as are those below
# assets = ["USDC"]
# networks = ["eip155:8453"]
# max = "2000"                              # base currency; left out: no limit

# Decide about each payment of a pay run, by the highest score of its alerts; without this table nothing is decided.
# [clearance]
# hold_from = 65                            # score from which a payment is held, 25 to 100
# review_from = 25                          # score from which somebody has to look at it, at most hold_from
# unscored = "hold"                         # or "release": what a payment reads that was not scored in time
# wait_minutes = 60                         # how long after the announcement of its run that is, 1 to 10080

# Accounts that may be shared, by fingerprint. kind: court_order, eor, staffing, union, factoring, treasury, other.
# [[trusted_accounts]]
# fp = "fp_0123456789abcdef"
# kind = "court_order"
# note = "county sheriff"

# [[recurring_contracts]]
# payee_id = "V100"
# amount = {{value = "2500.00", currency = "USD"}}
# every_days = 30

# A bank's accounts move to another one; changes between them are not scored in that time.
# [[migrations]]
# from_bank = "021000021"
# to_bank = "026009593"
# from = 2026-01-01
# until = 2026-03-31

# Where approvers work, if not in the tenant's time zone.
# [approver_timezones]
# "user-7" = "Europe/Berlin"

# Rules: mode is live, shadow (signals only) or off; parameters with their defaults.
"""


def template(tenant: str) -> str:
    """The text for a tenant; with every mark of a comment on a setting taken away it is a sound file too."""
    return _HEAD.format(tenant=value_text(tenant)) + "\n".join(_rules())


def _rules() -> Iterator[str]:
    for slug, rule in RULES.items():
        yield from (f"# [rules.{slug}]", '# mode = "live"')
        params = msgspec.structs.asdict(rule.params())
        if params:
            yield f"# [rules.{slug}.params]"
        for name, value in params.items():
            yield f"# {f'{name} = {value_text(value)}':41} # {allowed(slug, name)}"
        yield ""
