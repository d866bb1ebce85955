"""The `data` of every event type (contract section 4), and the register of the types."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

import msgspec
from msgspec import Meta

from sluicegate.wire.block import Block, Need, enforce
from sluicegate.wire.blocks import (
    Account,
    Actor,
    Approval,
    Batch,
    CryptoAmount,
    Destination,
    Invoice,
    Ledger,
    ListedId,
    Money,
    MoneyBase,
    NameCheck,
    Payee,
    Purpose,
    RawRef,
    Schedule,
    Split,
    Verification,
)
from sluicegate.wire.scalars import (
    AlertId,
    Amount,
    BirthDate,
    Country,
    Currency,
    Date,
    Id,
    Instant,
    Network,
    Opt,
    Positive,
    RuleName,
    RuleSlug,
    Text16,
    Text32,
    Text64,
    Text128,
    Text512,
    Text2000,
    Whole,
)


class Payment(Block, frozen=True, kw_only=True, gc=False):
    """`payroll.payment.v1` and `vendor.payment.v1`: an instruction to pay. The type says which of the two."""

    payment_id: Id
    payee: Payee
    account: Account
    amount: Money
    schedule: Schedule
    amount_base: Opt[MoneyBase] = None
    split: Opt[Split] = None
    purpose: Opt[Purpose] = None
    invoices: tuple[Invoice, ...] = ()
    approval: Opt[Approval] = None
    raw_ref: Opt[RawRef] = None
    request_id: Opt[Id] = None
    batch: Opt[Batch] = None
    ledger: Opt[Ledger] = None


class PayeeChange(Block, frozen=True, kw_only=True, gc=False):
    """`payee.change.v1`: a payee's master data was made, changed or closed."""

    NEEDS: ClassVar[tuple[Need, ...]] = (Need("change", ("account",), ("new_account",)),)

    change: Literal["created", "account", "contact", "profile", "closed"]
    payee: Payee
    new_account: Opt[Account] = None
    old_account: Opt[Account] = None
    bootstrap: Opt[bool] = None
    actor: Opt[Actor] = None
    verification: Opt[Verification] = None
    approval: Opt[Approval] = None
    contact_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        enforce(self)


class PayoutRequest(Block, frozen=True, kw_only=True, gc=False):
    """`payout.request.v1`: a payee asks for money, or for another form of it."""

    NEEDS: ClassVar[tuple[Need, ...]] = (
        Need(
            "method",
            ("crypto",),
            ("destination", "destination/network", "destination/asset", "destination/address|provider"),
        ),
    )

    request_id: Id
    payee: Payee
    method: Literal["bank", "crypto", "card", "cash", "other"]
    amount: Money
    amount_base: Opt[MoneyBase] = None
    crypto_amount: Opt[CryptoAmount] = None
    destination: Opt[Destination] = None
    account: Opt[Account] = None
    purpose: Opt[Text32] = None
    share_of_pay: Opt[Amount] = None
    provider: Opt[Text128] = None
    auto_sweep: Opt[bool] = None
    actor: Opt[Actor] = None

    def __post_init__(self) -> None:
        enforce(self)


class PaymentStatus(Block, frozen=True, kw_only=True, gc=False):
    """`payment.status.v1`: what became of a payment."""

    payment_id: Id
    payee_id: Id
    status: Literal["accepted", "settled", "returned", "rejected", "cancelled", "reversed", "noc", "name_check"]
    code: Opt[Text16] = None
    questionable: Opt[bool] = None
    corrected_account: Opt[Account] = None
    name_check: Opt[NameCheck] = None
    account_fp: Opt[Id] = None
    seq: Opt[Whole] = None


class Session(Block, frozen=True, kw_only=True, gc=False):
    """Where a worker signed in from."""

    ip: Opt[Text64] = None
    ip_country: Opt[Country] = None
    device_id: Opt[Text128] = None


class WorkerLifecycle(Block, frozen=True, kw_only=True, gc=False):
    """`worker.lifecycle.v1`: what the HR system knows about a worker."""

    NEEDS: ClassVar[tuple[Need, ...]] = (Need("action", ("hire", "rehire", "terminate"), ("effective_date",)),)

    action: Literal["hire", "terminate", "rehire", "attest", "session", "flag"]
    payee: Payee
    effective_date: Opt[Date] = None
    scope: Opt[Text32] = None
    session: Opt[Session] = None
    flag: Opt[Text64] = None
    flag_value: Opt[Text32] = None

    def __post_init__(self) -> None:
        enforce(self)


class CryptoPolicy(Block, frozen=True, kw_only=True, gc=False):
    """Whether the tenant pays in crypto, and how; `max` absent or null means no limit."""

    allowed: bool
    providers: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    max: Amount | None = None


class TrustedAccount(Block, frozen=True, kw_only=True, gc=False):
    fp: Id
    kind: Opt[Text32] = None
    note: Opt[Text512] = None


class RecurringContract(Block, frozen=True, kw_only=True, gc=False):
    payee_id: Id
    amount: Money
    every_days: Opt[Positive] = None


class Migration(Block, frozen=True, kw_only=True, gc=False):
    """Accounts that move from one bank to another in a period; `from` of the wire is `since` here."""

    from_bank: str
    to_bank: str
    since: Opt[Date] = msgspec.field(default=None, name="from")
    until: Opt[Date] = None


class RuleSetting(Block, frozen=True, kw_only=True, gc=False):
    """A rule's mode and parameters; what parameters there are is known to the rule."""

    mode: Literal["live", "shadow", "off"] = "live"
    params: dict[str, Any] = msgspec.field(default_factory=dict)


class ClearancePolicy(Block, frozen=True, kw_only=True, gc=False):
    """From which score of its alerts a payment of a run is held or reviewed, and what if it is not scored in time.

    Time is up when the run is to be released, or `wait_minutes` after it was announced where that is not said.
    """

    hold_from: Annotated[int, Meta(ge=25, le=100, extra={"unit": "points"})] = 65
    review_from: Annotated[int, Meta(ge=25, le=100, extra={"unit": "points"})] = 25
    unscored: Literal["hold", "release"] = "hold"
    wait_minutes: Annotated[int, Meta(ge=1, le=10_080, extra={"unit": "minutes"})] = 60


class PolicyUpdate(Block, frozen=True, kw_only=True, gc=False):
    """`policy.update.v1`: replaces the tenant's policy. Defaults are those of the contract."""

    base_currency: Currency = "USD"
    timezone: Text64 = "UTC"
    limits: tuple[Amount, ...] = ()
    pay_days: tuple[Annotated[int, Meta(ge=1, le=31)] | Literal["last_business_day"], ...] = ()
    pay_dates: tuple[Date, ...] = ()
    holidays: tuple[Date, ...] = ()
    crypto: CryptoPolicy = CryptoPolicy(allowed=False)
    trusted_accounts: tuple[TrustedAccount, ...] = ()
    recurring_contracts: tuple[RecurringContract, ...] = ()
    migrations: tuple[Migration, ...] = ()
    roster: bool = False
    household_check: bool = True
    screen_dob: bool = True
    vasp_banks: tuple[str, ...] = ()
    ewa_providers: tuple[str, ...] = ()
    no_deduction_payees: tuple[str, ...] = ()
    approver_timezones: dict[str, str] = msgspec.field(default_factory=dict)
    cross_tenant_counts: bool = False
    rules: Annotated[
        dict[RuleName, RuleSetting], Meta(extra_json_schema={"propertyNames": {"enum": list(get_args(RuleSlug))}})
    ] = msgspec.field(default_factory=dict)
    clearance: Opt[ClearancePolicy] = None
    """Absent: nothing is decided about payments."""


class ListName(Block, frozen=True, kw_only=True, gc=False):
    name: Annotated[str, Meta(min_length=1, max_length=512)]
    quality: Opt[Literal["primary", "strong", "weak"]] = None


class ListEntry(Block, frozen=True, kw_only=True, gc=False):
    """A party of a sanctions list; `dob` holds years, months or days."""

    entry_id: Id
    kind: Literal["person", "organisation", "vessel", "aircraft"]
    names: Annotated[tuple[ListName, ...], Meta(min_length=1)]
    dob: tuple[BirthDate, ...] = ()
    countries: tuple[Country, ...] = ()
    programs: tuple[str, ...] = ()
    wallets: tuple[Text128, ...] = ()
    ids: tuple[ListedId, ...] = ()
    listed_on: Opt[Date] = None
    remarks: Opt[str] = None


class SanctionsUpdate(Block, frozen=True, kw_only=True, gc=False):
    """`sanctions.update.v1`: a list as a whole (snapshot), a part of it, or what changed (delta)."""

    list: Id
    version: Id
    published_at: Instant
    mode: Literal["snapshot", "delta"]
    add: tuple[ListEntry, ...]
    remove: tuple[Id, ...] = ()
    part: Opt[Positive] = None
    parts: Opt[Annotated[int, Meta(ge=1, le=10_000)]] = None


class Pivot(Block, frozen=True, kw_only=True, gc=False):
    """What an allowance is tied to."""

    kind: Literal["payee", "account", "wallet", "user", "device", "ip", "source"]
    value: Annotated[str, Meta(min_length=1, max_length=256)]


class Allow(Block, frozen=True, kw_only=True, gc=False):
    """Silences findings of a rule about a pivot until `expires` (exclusive)."""

    NEEDS: ClassVar[tuple[Need, ...]] = (Need("rule", ("sanctioned-name", "sanctioned-identifier"), ("list_entry",)),)

    rule: RuleSlug
    pivot: Pivot
    expires: Instant
    list_entry: Opt[Id] = None

    def __post_init__(self) -> None:
        enforce(self)


class Disposition(Block, frozen=True, kw_only=True, gc=False):
    """`disposition.v1`: an analyst's verdict on an alert."""

    alert_id: AlertId
    verdict: Literal["confirmed", "false_positive", "error_not_fraud", "benign", "escalated"]
    by: Id
    at: Instant
    reason_code: Opt[Text64] = None
    note: Opt[Text2000] = None
    allow: Opt[Allow] = None


class Tick(Block, frozen=True, kw_only=True, gc=False):
    """`clock.tick.v1`, internal: moves the clocks of a partition on."""

    at: Instant


class SharedCount(Block, frozen=True, kw_only=True, gc=False):
    """`shared.count.v1`, internal: a count across tenants, in answer to the tenant's own event `source`#`id`."""

    rule: RuleSlug
    pivot: str
    count: Whole
    source: str
    id: str
    time: Instant
    contractors: Opt[bool] = None
    """All of the tenants counted pay contractors."""


Data = (
    Payment
    | PayeeChange
    | PayoutRequest
    | PaymentStatus
    | WorkerLifecycle
    | PolicyUpdate
    | SanctionsUpdate
    | Disposition
    | Tick
    | SharedCount
)


class EventType(msgspec.Struct, frozen=True):
    """A type's `data` and its topic. Internal types travel in the log only."""

    struct: type[Block]
    topic: str
    internal: bool = False


TYPES: dict[str, EventType] = {
    "payroll.payment.v1": EventType(Payment, "payroll-payments"),
    "vendor.payment.v1": EventType(Payment, "vendor-payments"),
    "payee.change.v1": EventType(PayeeChange, "payee-changes"),
    "payout.request.v1": EventType(PayoutRequest, "payout-requests"),
    "payment.status.v1": EventType(PaymentStatus, "payment-status"),
    "worker.lifecycle.v1": EventType(WorkerLifecycle, "worker-lifecycle"),
    "policy.update.v1": EventType(PolicyUpdate, "policies"),
    "sanctions.update.v1": EventType(SanctionsUpdate, "sanctions"),
    "disposition.v1": EventType(Disposition, "dispositions"),
    "clock.tick.v1": EventType(Tick, "events", internal=True),
    "shared.count.v1": EventType(SharedCount, "counts", internal=True),
}
