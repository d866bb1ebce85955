"""State records of one tenant: what detection remembers, compact, versioned and bounded.

Each record is encoded as one version byte and a MessagePack array. A field is only ever added at the end (with a
default); anything else needs a new version and a migration in `codec.py`. No record grows beyond 64 KiB: lists are
capped, and a payee's payments spill into blocks. Times are microseconds since the epoch, UTC; amounts are decimal
strings.
"""

from typing import Any, ClassVar

import msgspec

INLINE_ROWS = 24
"""Payments kept in the payee's own record; enough for the twelve of a baseline and those still on their way."""
BLOCK_ROWS = 12
MAX_ACCOUNTS = 48
MAX_CHANGES = 48
MAX_LINKS = 256
"""Far above every threshold of the link rules; beyond it the oldest link goes and is counted."""
MAX_REQUESTS = 48
MAX_DESTINATIONS = 64


class Record(msgspec.Struct, array_like=True):
    """A mutable state record; the key is (KIND, id) within its tenant."""

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    HOT: ClassVar[bool] = False
    """Kept decoded between checkpoints: read by every event of a tenant."""
    BULKY: ClassVar[bool] = False
    """Large, and nearly each event needs another one: decoded for one event at a time."""


class Part(msgspec.Struct, array_like=True):
    """A row inside a record."""


class TenantRecord(Record):
    """The tenant's clock, and what lets ticks move it on while it is idle."""

    KIND = "tenant"
    HOT = True
    clock: int = 0
    clock_at_last: int = 0
    logged_at_last: int = 0
    """Log timestamp, ms, of the last event that could move the clock."""
    events: list[int] = []
    """Events worked through since the policy, by the places of `breaker.KINDS`."""


class PolicyRecord(Record):
    KIND = "policy"
    HOT = True
    event_id: str
    body: bytes
    """The policy's `data` as JSON."""


class DigestSegment(Record):
    """Consecutive 16-byte digests of ids; `until` and `logged` are the clock (µs) and log time (ms) at the newest."""

    KIND = "seen"
    until: int = 0
    logged: int = 0
    digests: bytes = b""


class PaidSegment(DigestSegment):
    KIND = "paid"


class InvoiceRow(Part):
    normal: str
    total: str | None = None
    credit_of: str | None = None
    po: str | None = None


class PaySlip(Part):
    """What payroll rules keep of a pay; dates are days since 1970-01-01."""

    first_day: int | None = None
    last_day: int | None = None
    """Of the pay period."""
    run_type: str | None = None
    """None: regular."""
    group: str | None = None
    """Pay group; None: the default one."""
    deductions: int = 0
    """What the slip says of them: an index into `payslips.DEDUCTIONS`."""
    leaving: bool = False
    """A component is paid on leaving, or for earlier work."""


class PaymentRow(Part):
    """One payment; parts of a split payment share a row."""

    id: str
    ref: str
    time: int
    value: str
    currency: str
    fps: list[str]
    rail: str
    payroll: bool
    base: str | None = None
    """Amount in the tenant's base currency; None if not known."""
    regular: str | None = None
    """Regular part; None if the payment has none."""
    pay_date: str | None = None
    name_check: str | None = None
    run_id: str | None = None
    invoices: list[InvoiceRow] = []
    status: str = ""
    status_at: int = 0
    status_seq: int = 0
    parts: list[int] = []
    alerts: dict[str, str] = {}
    """Alert id -> the value already counted in its money."""
    code: str | None = None
    """Why it failed: the return or reject code of its last status."""
    requested_by: str | None = None
    approvers: list[str] = []
    """Users who released it; of payments to vendors only, as is `requested_by`."""
    slip: PaySlip | None = None
    """Of payroll payments."""


class AccountUse(Part):
    """An account that a payee registered or was paid to."""

    fp: str
    scheme: str
    first_seen: int
    initial: bool
    country: str | None = None
    region: str | None = None
    bank_id: str | None = None
    bank_name: str | None = None
    last4: str | None = None
    holder_name: str | None = None
    joint: bool = False
    wallet: str | None = None
    last_paid: int = 0
    cleared: bool = False
    """An analyst cleared the change to this account."""
    name_check: str | None = None
    """The outcome of the last name check of the account."""


class Change(Part):
    """A change of account: explicit, or implied by the first payment to an unseen account."""

    fp: str
    time: int
    ref: str
    implicit: bool
    verified: bool = False
    name_check: str | None = None
    old_fp: str | None = None
    old_scheme: str | None = None
    old_country: str | None = None
    old_bank_id: str | None = None
    role: str | None = None
    channel: str | None = None
    user: str | None = None
    device: str | None = None
    ip: str | None = None
    device_known: bool | None = None
    ip_country_new: bool | None = None
    mfa: bool | None = None
    mfa_changed_at: int | None = None
    ticket: str | None = None
    second_approver: bool = False
    stated_bank_id: str | None = None
    """Bank of the old account as the change event says."""


class RequestRow(Part):
    id: str
    ref: str
    time: int
    method: str
    value: str
    currency: str
    destination: str | None = None
    """The wallet, or provider and account, of a request in crypto; else the account."""
    alerts: dict[str, str] = {}
    base: str | None = None
    """Amount in the tenant's base currency; None if not known."""
    swept: bool = False
    """By a standing order, not asked for."""
    network: str | None = None
    attested_by: str | None = None
    """The provider that vouches for the payee's identity."""
    first: int = 0
    """When the payee first had to do with the destination."""


class Profile(Part):
    """The latest non-empty value of each field of the payee block."""

    kind: str
    name: str | None = None
    legal_name: str | None = None
    entity_type: str | None = None
    country: str | None = None
    region: str | None = None
    residence_hash: str | None = None
    phone_hash: str | None = None
    tax_id_hash: str | None = None
    dob: str | None = None
    dob_verified: bool | None = None
    ids: list[tuple[str, str]] = []
    lei: str | None = None
    group_id: str | None = None
    email_domain: str | None = None
    remote: bool | None = None
    start_date: str | None = None
    end_date: str | None = None
    flags: list[str] = []
    peer_group: str | None = None


class Creation(Part):
    """How a payee came into the master file, but by import."""

    user: str | None = None
    verified: bool = False


class VendorMark(Part):
    """What the tenant's index of paid vendors holds of the payee."""

    slot: int
    domain: str = ""


class Lifecycle(Part):
    action: str
    time: int
    effective: str | None = None
    hired: bool = False
    """A hire or rehire is known, whatever came last."""


class Advance(Part):
    """An advance that was asked for or paid; a request and the payments that answer it are one."""

    time: int
    ref: str
    request: str | None = None
    provider: str | None = None
    payment: str | None = None


class PayeeRecord(Record):
    """Everything known about one payee, but for payments older than the inline rows."""

    KIND = "payee"
    BULKY = True
    profile: Profile
    last_seen: int = 0
    last_active: int = 0
    """Time of the last payment, request or change: what keeps the payee in re-screenings."""
    created_at: int | None = None
    bootstrap: bool = False
    accounts: list[AccountUse] = []
    changes: list[Change] = []
    contacts: list[int] = []
    nocs: list[tuple[int, str]] = []
    rows: list[PaymentRow] = []
    blocks: list[tuple[int, int, int]] = []
    """(number, earliest, latest event time) of each block of older payments, oldest first."""
    requests: list[RequestRow] = []
    destinations: list[str] = []
    lifecycle: Lifecycle | None = None
    habits: dict[str, bytes] = {}
    """Per stream and currency: what the signals of `unusual-payment` keep of the payee, packed (see `habits.py`)."""
    request_days: list[tuple[int, int]] = []
    """(ordinal of the local date, number) of the payout requests, oldest first."""
    creation: Creation | None = None
    vendor: VendorMark | None = None
    advances: list[Advance] = []
    """Oldest first."""

    def account(self, fp: str) -> AccountUse | None:
        for use in self.accounts:
            if use.fp == fp:
                return use
        return None


class BlockRecord(Record):
    KIND = "rows"
    BULKY = True
    rows: list[PaymentRow] = []


class Link(Part):
    """A payee's tie to an account, a wallet or a tax id."""

    payee: str
    time: int
    ref: str
    flexible: bool = False
    """Contractor or remote."""
    ended: bool = False
    """The payee's last lifecycle event is a termination."""
    custodial: bool = False


class LinkRecord(Record):
    links: list[Link] = []
    dropped: int = 0


class AccountLinks(LinkRecord):
    KIND = "account"


class WalletLinks(LinkRecord):
    KIND = "wallet"


class TaxIdLinks(LinkRecord):
    KIND = "taxid"


class TicketRecord(Record):
    """Payees whose accounts one bulk-import ticket changed, and when."""

    KIND = "ticket"
    changes: list[tuple[str, int]] = []


class NoticeRecord(Record):
    """A notice that is out already; id = rule and cause."""

    KIND = "notice"
    time: int


class RunRow(Part):
    """A payee's pay in a run against their baseline, taken at the payment's event time."""

    payee: str
    payment_id: str
    ref: str
    time: int
    value: str
    currency: str
    history: int = 0
    median: str = "0"
    ratio: float = 0.0
    z: float = 0.0
    difference_base: str | None = None
    reported: dict[str, int] = {}
    """Rule -> score of what was reported at an earlier close."""
    employee: bool = False
    base: str | None = None
    """The regular part in base currency; this and what follows only where the tenant has a roster."""
    usual: str | None = None
    """Median regular part before the run's first payment, base currency; None without a baseline."""
    mature: bool = False
    of_group: bool = False
    """The payee's latest payment before the run was of the run's pay group."""


class RunRecord(Record):
    KIND = "run"
    last: int = 0
    due: int | None = None
    """When it closes; once closed, when it is forgotten."""
    closed: bool = False
    rows: int = 0
    first: int = 0
    """Event time of its first payment."""
    run_type: str | None = None
    group: str | None = None
    first_day: int | None = None
    """Of the pay period, in days since 1970-01-01; type, group and period are those of the payment noted first."""
    payees: int = 0
    unknown: int = 0
    """Payees at the last close, and employees among them of whom no hire was known."""


class RunChunk(Record):
    KIND = "runrows"
    rows: list[RunRow] = []


class SplitRecord(Record):
    """A split payment whose parts are not all in: the event to judge, and when waiting ends."""

    KIND = "split"
    due: int | None
    event: bytes


class StreamModel(Record):
    """The tenant's side of `unusual-payment` for one stream (payroll or vendor)."""

    KIND = "model"
    HOT = True
    version: str = ""
    """Of the signals; a model of other ones is learned anew."""
    count: int = 0
    threshold: float = 0.0
    used: dict[str, int] = {}
    """Findings by local date (vendors) or run (payroll), the last few: what the caps count."""
    sizes: dict[str, int] = {}
    """Payments by run, the last few."""
    common: dict[str, dict[Any, Any]] = {}
    """By signal: what it keeps of the stream."""
    bins: dict[str, list[float]] = {}
    """By signal, and of their combination: calibration."""
    windows: dict[str, list[list[float]]] = {}
    """By measure: what the drift detector keeps."""
    news: dict[str, tuple[float, float, int]] = {}
    """Measures found to have changed by the last payment (before, after, payments since): told with the next one."""
