"""The people and firms that a tenant pays, with what the generator remembers about each."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from sluicegate.generate import money, names
from sluicegate.generate.accounts import COUNTRIES, Account, bank_account, encode, token
from sluicegate.generate.days import PayCalendar, day_text
from sluicegate.generate.drafts import Case

_REMOTE = ("IN", "PH", "UA", "PL", "BR", "MX", "CO", "ZA", "EG", "KE", "VN", "TR", "PT", "US", "GB", "CA")
_GAPS = (14, 30, 30, 30, 45, 60)  # days between payments to a vendor
GRADES = (  # peer group, yearly pay in USD, share of a firm's staff
    ("operations", 38_000, 0.34),
    ("service", 46_000, 0.26),
    ("specialist", 72_000, 0.22),
    ("engineer", 105_000, 0.12),
    ("lead", 140_000, 0.045),
    ("executive", 230_000, 0.015),
)


@dataclass(slots=True, eq=False)
class Payee:
    """Anybody who is paid. `block` is the wire block, `raw` its encoding, which `refresh` renews after a change."""

    id: str
    country: str
    currency: str
    block: dict[str, Any]
    account: Account
    rail: str
    raw: msgspec.Raw = field(default_factory=msgspec.Raw)
    case: Case | None = None  # the scheme that the payments to the present account belong to
    planted: bool = False  # registered for that scheme
    gone: bool = False  # left or closed: nothing happens about it any more
    paid: int = 0  # payments so far
    last_due: int = 0  # planned instant of the last one
    last_payment: str = ""  # its id
    last_minor: int = 0  # its amount, in the smallest unit

    def refresh(self) -> None:
        """Encode the block anew."""
        self.raw = msgspec.Raw(encode(self.block))


@dataclass(slots=True, eq=False)
class PayGroup:
    """Workers who are paid on the same days."""

    name: str
    calendar: PayCalendar
    members: list[Worker]


@dataclass(slots=True, eq=False)
class Worker(Payee):
    """An employee or contractor."""

    group: PayGroup = field(kw_only=True)
    gross: int = 0  # a period's, in the smallest unit
    deductions: float = 0.0  # share of gross
    hourly: int = 0  # pay for an hour, 0 when salaried
    second: Account | None = None  # takes `second_share` of the pay
    second_share: int = 0  # percent
    ledger: msgspec.Raw = field(default_factory=msgspec.Raw)
    slip: tuple[int, msgspec.Raw] | None = None  # net and encoded purpose of an ordinary period, once known
    spike: tuple[Case, float] | None = None  # multiplies the next period's pay
    next_advance: int = 0  # no other advance before this instant

    @property
    def contractor(self) -> bool:
        return bool(self.block["kind"] == "contractor")


@dataclass(slots=True, eq=False)
class Vendor(Payee):
    """A supplier."""

    median: int = 0  # usual invoice, in the smallest unit
    spread: float = 0.0  # of the logarithm of invoices; 0 is a fixed amount under contract
    gap: int = 30  # days between payments
    style: str = "{:06}"  # of invoice numbers
    number: int = 0
    orders: bool = False  # refers to purchase orders
    requester: str = ""
    ledger: msgspec.Raw = field(default_factory=msgspec.Raw)
    last_number: str = ""  # of the last invoice


def new_worker(
    rng: Random,
    number: int,
    home: str,
    group: PayGroup,
    start_day: int,
    *,
    contractor: bool,
    remote: bool,
    name: str | None = None,
) -> Worker:
    """Somebody hired on `start_day`. Remote contractors live anywhere; one in eight is paid in another country."""
    country = names.pick(rng, _REMOTE) if contractor and remote else home
    grade, yearly = _grade(rng, contractor)
    facts = COUNTRIES[country]
    currency = facts.currency if rng.random() < 0.7 else COUNTRIES[home].currency
    level = max(facts.pay, 0.6 * COUNTRIES[home].pay) if contractor else facts.pay
    gross = money.from_usd(yearly * level * rng.lognormvariate(0, 0.18) * group.calendar.period_days / 365, currency)
    block: dict[str, Any] = {
        "payee_id": f"W{number:05}",
        "kind": "contractor" if contractor else "employee",
        "name": name or names.person(rng),
        "country": country,
        "residence_hash": token(rng),
        "tax_id_hash": token(rng),
        "peer_group": grade,
        "start_date": day_text(start_day),
    }
    if remote:
        block["remote"] = True
    bank = names.pick(rng, _REMOTE) if remote and contractor and rng.random() < 0.12 else country
    holder = block["name"] if rng.random() < 0.4 else None
    worker = Worker(
        block["payee_id"], country, currency, block, bank_account(rng, bank, holder), COUNTRIES[bank].rail, group=group
    )
    worker.refresh()
    worker.deductions = 0.0 if contractor else round(0.18 + 0.16 * rng.random(), 3)
    if not contractor and grade in ("operations", "service") and rng.random() < 0.7:
        worker.hourly = max(1, gross // 80)
        worker.gross = worker.hourly * 80
    else:
        worker.gross = gross
    if not contractor and rng.random() < 0.04:
        worker.second, worker.second_share = bank_account(rng, country), 10 * int(1 + 5 * rng.random())
    worker.ledger = msgspec.Raw(encode({"department": grade, "code": f"{4000 + len(grade)}"}))
    return worker


def new_vendor(rng: Random, number: int, home: str, taken: set[str], requester: str) -> Vendor:
    """A supplier; one in ten is abroad. Invoices are log-normal around a median that is log-normal itself.

    `taken` holds the beginnings of names in use: no two suppliers of a tenant look alike by accident.
    """
    country = home if rng.random() < 0.9 else names.pick(rng, tuple(names.FORMS))
    currency = COUNTRIES[country].currency if rng.random() < 0.8 else COUNTRIES[home].currency
    firm = names.firm(rng, country)
    while firm.stem in taken:
        firm = names.firm(rng, country)
    taken.add(firm.stem)
    block = {
        "payee_id": f"V{number:05}",
        "kind": "vendor",
        "name": firm.name,
        "country": country,
        "tax_id_hash": token(rng),
        "email_domain": f"{firm.place.lower()}-{firm.trade.lower()}.example",
        "peer_group": firm.trade.lower(),
    }
    vendor = Vendor(
        block["payee_id"], country, currency, block, bank_account(rng, country, firm.name), COUNTRIES[country].rail,
        median=max(25, money.from_usd(min(60_000.0, rng.lognormvariate(7.0, 1.3)), currency)),
        spread=0.0 if rng.random() < 0.18 else 0.12 + 0.4 * rng.random(),
        gap=_GAPS[int(rng.random() * len(_GAPS))],
        style=names.pick(rng, ("INV-{:06}", "{:07}", "R{:05}", "SI-{:06}", "2{:06}/A", "F{:06}")),
        number=1_000 + int(rng.random() * 60_000),
        orders=rng.random() < 0.6,
        requester=requester,
    )  # fmt: skip
    vendor.ledger = msgspec.Raw(encode({"department": f"cc-{100 + number % 17}", "category": firm.trade.lower()}))
    vendor.refresh()
    return vendor


def _grade(rng: Random, contractor: bool) -> tuple[str, int]:
    if contractor:
        return ("engineer", 90_000) if rng.random() < 0.6 else ("specialist", 65_000)
    (grade, yearly, _), *_ = rng.choices(GRADES, [share for *_, share in GRADES])
    return grade, yearly
