"""Blocks that several event types share (contract section 3). Fields bear the names of the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from sluicegate.wire.block import Block, Need, enforce
from sluicegate.wire.scalars import (
    Amount,
    Country,
    Currency,
    Date,
    Decimals,
    Id,
    Instant,
    Network,
    Opt,
    Positive,
    Region,
    Sha256,
    SplitCount,
    Text4,
    Text8,
    Text20,
    Text32,
    Text35,
    Text64,
    Text128,
    Text253,
    Text256,
    Text1024,
    Text2048,
)

PayeeKind = Literal["employee", "contractor", "vendor", "other"]
Scheme = Literal[
    "iban", "us_aba", "uk_sort", "clabe", "other_bank", "card", "prepaid", "emi", "vasp", "wallet", "check"
]
Rail = Literal[
    "ach",
    "same_day_ach",
    "wire",
    "rtp",
    "fednow",
    "sepa_ct",
    "sepa_inst",
    "bacs",
    "fps",
    "check",
    "card",
    "crypto",
    "other",
]


class Money(Block, frozen=True, kw_only=True, gc=False):
    """An amount as sent, and exactly so as a Decimal.

    >>> Money(value="2200.00", currency="USD").amount
    Decimal('2200.00')
    """

    value: Amount
    currency: Currency

    @property
    def amount(self) -> Decimal:
        return Decimal(self.value)


class MoneyBase(Money, frozen=True, kw_only=True, gc=False):
    """The same money in the tenant's base currency."""

    fx_rate: Opt[Amount] = None


class CryptoAmount(Block, frozen=True, kw_only=True, gc=False):
    value: Amount
    asset: Text32
    network: Network

    @property
    def amount(self) -> Decimal:
        return Decimal(self.value)


class ListedId(Block, frozen=True, kw_only=True, gc=False):
    """An identifier and what issues it: passport, national_id, tax, registration, bic or other."""

    scheme: Text64
    value: Text128


class Payee(Block, frozen=True, kw_only=True, gc=False):
    payee_id: Id
    kind: PayeeKind
    name: Opt[Text256] = None
    legal_name: Opt[Text256] = None
    entity_type: Opt[Literal["person", "organisation"]] = None
    country: Opt[Country] = None
    region: Opt[Region] = None
    residence_hash: Opt[Text128] = None
    phone_hash: Opt[Text128] = None
    tax_id_hash: Opt[Text128] = None
    dob: Opt[Date] = None
    dob_verified: Opt[bool] = None
    ids: tuple[ListedId, ...] = ()
    lei: Opt[Text20] = None
    group_id: Opt[Text128] = None
    email_domain: Opt[Text253] = None
    remote: Opt[bool] = None
    start_date: Opt[Date] = None
    end_date: Opt[Date] = None
    flags: tuple[str, ...] = ()
    peer_group: Opt[Text64] = None


class Destination(Block, frozen=True, kw_only=True, gc=False):
    """A wallet, or the provider that holds it."""

    address: Opt[Text128] = None
    tag: Opt[Text128] = None
    network: Opt[Network] = None
    asset: Opt[Text32] = None
    hosted: Opt[Literal["self", "custodial", "unknown"]] = None
    provider: Opt[Text128] = None
    kyc_attested: Opt[bool] = None
    tags: tuple[str, ...] = ()


class NameCheck(Block, frozen=True, kw_only=True, gc=False):
    """What a bank said about the name on an account: match, close, no_match, unavailable, not_done."""

    status: Text32
    source: Opt[Text128] = None
    at: Opt[Instant] = None


class Account(Block, frozen=True, kw_only=True, gc=False):
    """Where money goes; `fp` is a keyed hash of the number or address, which itself never travels."""

    NEEDS: ClassVar[tuple[Need, ...]] = (Need("scheme", ("wallet",), ("wallet",), otherwise=("country",)),)

    fp: Id
    scheme: Scheme
    country: Opt[Country] = None
    region: Opt[Region] = None
    bank_id: Opt[Text64] = None
    bank_name: Opt[Text128] = None
    last4: Opt[Text4] = None
    holder_name: Opt[Text256] = None
    joint: Opt[bool] = None
    number_check: Opt[Text32] = None
    name_check: Opt[NameCheck] = None
    wallet: Opt[Destination] = None

    def __post_init__(self) -> None:
        if (self.wallet if self.scheme == "wallet" else self.country) is None:
            enforce(self)


class Component(Block, frozen=True, kw_only=True, gc=False):
    """A part of a pay: regular, overtime, bonus, …; in the currency of the payment."""

    type: Text32
    amount: Decimals


class Purpose(Block, frozen=True, kw_only=True, gc=False):
    code: Opt[Text35] = None
    category_code: Opt[Text35] = None
    components: tuple[Component, ...] = ()
    gross: Opt[Decimals] = None
    net: Opt[Decimals] = None
    deductions_total: Opt[Decimals] = None
    hourly: Opt[bool] = None
    hours: Opt[Decimals] = None
    leave_hours: Opt[Decimals] = None
    remittance: Opt[Text1024] = None


class Schedule(Block, frozen=True, kw_only=True, gc=False):
    """How and when it is paid; `run_type` absent means regular."""

    rail: Rail
    run_id: Opt[Id] = None
    run_type: Opt[Text32] = None
    pay_group: Opt[Text64] = None
    period_start: Opt[Date] = None
    period_end: Opt[Date] = None
    pay_date: Opt[Date] = None
    sec_code: Opt[Text8] = None
    entry_descriptor: Opt[Text32] = None


class Invoice(Block, frozen=True, kw_only=True, gc=False):
    number: Opt[Text128] = None
    date: Opt[Date] = None
    total: Opt[Decimals] = None
    po_number: Opt[Text128] = None
    credit_note_of: Opt[Text128] = None


class Approval(Block, frozen=True, kw_only=True, gc=False):
    """Who asked for, entered and released a payment; `limit` in the base currency."""

    requested_by: Opt[Text128] = None
    created_by: Opt[Text128] = None
    approved_by: tuple[Text128, ...] = ()
    approved_at: Opt[Instant] = None
    limit: Opt[Amount] = None


class Actor(Block, frozen=True, kw_only=True, gc=False):
    """Who did it, and from where; an absent boolean means unknown."""

    user_id: Opt[Text128] = None
    role: Opt[Text32] = None
    channel: Opt[Text32] = None
    ip: Opt[Text64] = None
    ip_country: Opt[Country] = None
    ip_country_new: Opt[bool] = None
    device_id: Opt[Text128] = None
    device_known: Opt[bool] = None
    mfa: Opt[bool] = None
    mfa_changed_at: Opt[Instant] = None
    ticket: Opt[Text128] = None


class Verification(Block, frozen=True, kw_only=True, gc=False):
    """How a change was confirmed (callback, micro_deposit, …) and with what result (passed, failed, pending)."""

    method: Text32
    status: Text32
    at: Opt[Instant] = None
    by: Opt[Text128] = None


class RawRef(Block, frozen=True, kw_only=True, gc=False):
    """Where the original message is kept."""

    uri: Opt[Text2048] = None
    sha256: Opt[Sha256] = None


class Split(Block, frozen=True, kw_only=True, gc=False):
    """Which part of a payment this is; parts share the payment id."""

    index: Positive
    count: SplitCount
    percent: Opt[Decimals] = None


class Ledger(Block, frozen=True, kw_only=True, gc=False):
    """The cost centre that bears the payment."""

    department: Opt[Text128] = None
    category: Opt[Text128] = None
    code: Opt[Text128] = None


class Batch(Block, frozen=True, kw_only=True, gc=False):
    """The file a payment came in; `control` says whether its sums agreed (ok, mismatch)."""

    id: Id
    control: Opt[Text32] = None
