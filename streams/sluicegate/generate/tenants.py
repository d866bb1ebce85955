"""A tenant: an employer with a home, a policy, pay groups, people and suppliers, and its own chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from random import Random
from typing import Any

from sluicegate.generate import days, money, names
from sluicegate.generate.accounts import COUNTRIES, Account, bank_account
from sluicegate.generate.days import PayCalendar, day_text
from sluicegate.generate.drafts import POLICY, Agenda, Draft, Writer
from sluicegate.generate.payees import Payee, PayGroup, Vendor, Worker, new_vendor, new_worker

_HOMES = (
    ("US", "America/New_York"), ("US", "America/Chicago"), ("GB", "Europe/London"), ("DE", "Europe/Berlin"),
    ("US", "America/Los_Angeles"), ("CA", "America/Toronto"), ("AU", "Australia/Sydney"), ("NL", "Europe/Amsterdam"),
    ("SG", "Asia/Singapore"), ("ES", "Europe/Madrid"), ("JP", "Asia/Tokyo"), ("IE", "Europe/Dublin"),
)  # fmt: skip
_TRADES = ("works", "labs", "health", "retail", "energy", "studio", "transit", "hotels", "media", "farms")
PROVIDER = "stillwater-pay"  # the crypto provider that policies approve
MAX_CONTRACTS = 2_000  # a policy must fit into one record


class Tenant:
    """State of one tenant. `size` payees at the start, in the shares of an ordinary firm."""

    def __init__(
        self, seed: int, index: int, size: int, tag: str, first_day: int, agenda: Agenda, rules: Mapping[str, Any]
    ) -> None:
        self.index = index
        self.rng = rng = Random(f"{seed}/{index}")
        self.home, self.zone = _HOMES[index % len(_HOMES)]
        self.base = COUNTRIES[self.home].currency
        self.id = f"{names.place(rng).lower()}-{names.pick(rng, _TRADES)}-{index}"
        self.tag = tag  # part of every id
        self.first_day = first_day
        self.key = self.id.encode()
        self.statuses = rng.random() < 0.6 or index == 0  # its bank reports every settlement, not only what went wrong
        self.roster = rng.random() < 0.5  # its HR system reports hires and leavers
        self.crypto = rng.random() < 0.35  # pays in stablecoin through an approved provider
        self.officers = [f"hr-{n}" for n in range(1, 4)]
        self.buyers = [f"buyer-{n}" for n in range(1, 5 + min(20, size // 100))]
        self.approvers = [f"manager-{n}" for n in range(1, 4 + min(10, size // 200))]
        self.groups = self._pay_groups()
        self.workers: list[Worker] = []
        self.vendors: list[Vendor] = []
        self.invoices_due: dict[int, list[Vendor]] = defaultdict(list)
        self.rules = dict(rules)
        self.events = 0  # written so far
        self.debt = 0.0  # schemes that are due
        self._agenda = agenda
        self._numbers: dict[str, int] = defaultdict(int)
        self._stems: set[str] = set()
        self._populate(size)

    def plan(self, due: int, write: Writer) -> None:
        """Put an event on the agenda."""
        self._agenda.add(due, self, write)

    def at(self, day: int, since_midnight: float) -> int:
        """The instant of a local time of day (µs since midnight)."""
        return days.at_local(self.zone, day, int(since_midnight))

    def office_hour(self, day: int) -> int:
        """A random instant between nine and five."""
        return self.at(day, (9 + 8 * self.rng.random()) * days.HOUR)

    def today(self, at: int) -> int:
        """The local day of an instant."""
        return days.local_day(self.zone, at)

    def number(self, kind: str) -> int:
        """The next number of a kind of thing: 1, 2, …"""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def payment_id(self) -> str:
        """A payment id that no other run of the generator uses."""
        return f"P-{self.tag}-{self.number('payment')}"

    def foreign(self, minor: int, currency: str, at: int) -> dict[str, Any]:
        """`{"amount_base": …}` for an amount in another currency, else nothing."""
        return (
            {"amount_base": money.in_base(minor, currency, self.base, at // days.DAY)} if currency != self.base else {}
        )

    def hire(self, day: int, *, contractor: bool, remote: bool, name: str | None = None) -> Worker:
        """A new worker, in a pay group at once; the events about it are the caller's."""
        group = self.groups[-1] if contractor else self.groups[int(self.rng.random() * (len(self.groups) - 1))]
        worker = new_worker(
            self.rng, self.number("worker"), self.home, group, day, contractor=contractor, remote=remote, name=name
        )
        self.workers.append(worker)
        group.members.append(worker)
        return worker

    def dismiss(self, worker: Worker) -> None:
        """Take a worker out of the pay runs."""
        worker.gone = True
        for members in (self.workers, worker.group.members):
            at = members.index(worker)
            members[at] = members[-1]
            members.pop()

    def add_vendor(self) -> Vendor:
        """A new vendor; its first payment is the caller's."""
        vendor = new_vendor(self.rng, self.number("vendor"), self.home, self._stems, names.pick(self.rng, self.buyers))
        self.vendors.append(vendor)
        return vendor

    def new_account(self, payee: Payee) -> Account:
        """Another account of the payee in the country of the present one."""
        return bank_account(self.rng, payee.account.country, payee.block["name"])

    def policy(self, day: int) -> dict[str, Any]:
        """The policy as of a day, with the pay dates and holidays of about a year on both sides."""
        dates = [
            d for g in self.groups if g.calendar.cadence == "biweekly" for d in g.calendar.pay_days(day - 60, day + 400)
        ]
        contracts = [vendor for vendor in self.vendors if not vendor.spread and not vendor.gone]
        crypto: dict[str, Any] = {"allowed": False}
        if self.crypto:
            top = money.limit_text(20_000, self.base)
            crypto = {
                "allowed": True,
                "providers": [PROVIDER],
                "assets": ["USDC"],
                "networks": ["eip155:8453"],
                "max": top,
            }
        return {
            "base_currency": self.base,
            "timezone": self.zone,
            "limits": [money.limit_text(dollars, self.base) for dollars in (5_000, 10_000, 25_000)],
            "pay_days": [15, "last_business_day"] if self.home == "US" else ["last_business_day"],
            "pay_dates": [day_text(d) for d in sorted(set(dates))],
            "holidays": days.holidays(day - 60, day + 400),
            "crypto": crypto,
            "roster": self.roster,
            "recurring_contracts": [
                {"payee_id": v.id, "amount": money.money(v.median, v.currency), "every_days": v.gap}
                for v in contracts[:MAX_CONTRACTS]
            ],
            "rules": self.rules,
        }

    def write_policy(self, _due: int, at: int) -> Draft:
        """A Writer: the policy with the dates of its day."""
        return Draft(POLICY, self.policy(self.today(at)))

    def _pay_groups(self) -> list[PayGroup]:
        if self.home == "US":
            hourly = PayCalendar("biweekly", self.rng.choice((1, 8)))
            staff = [PayGroup("hourly", hourly, []), PayGroup("salaried", PayCalendar("semimonthly"), [])]
        elif self.home in ("CA", "AU"):
            staff = [PayGroup("staff", PayCalendar("biweekly", self.rng.choice((1, 8))), [])]
        else:
            staff = [PayGroup("staff", PayCalendar("monthly"), [])]
        return [*staff, PayGroup("contractors", PayCalendar("monthly"), [])]

    def _populate(self, size: int) -> None:
        rng, day = self.rng, self.first_day
        vendors = max(4, int(size * (0.2 + 0.25 * rng.random())))
        for _ in range(max(8, size - vendors)):
            contractor = rng.random() < 0.2
            start = day - 30 - int(3_000 * rng.random() ** 2)
            self.hire(start, contractor=contractor, remote=rng.random() < (0.55 if contractor else 0.2))
        for _ in range(len(self.workers) // 150):
            self._couple()
        for _ in range(vendors):
            vendor = self.add_vendor()
            self.invoices_due[day + 2 + int(rng.random() * vendor.gap)].append(vendor)

    def _couple(self) -> None:
        """Two workers of one household are paid to one joint account."""
        first, second = self.rng.sample(self.workers, 2)
        if first.country == second.country and first.account.country == second.account.country == first.country:
            first.account = second.account = bank_account(self.rng, first.country, joint=True)
            second.block["residence_hash"] = first.block["residence_hash"]
            second.refresh()
