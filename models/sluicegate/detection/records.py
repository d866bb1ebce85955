"""State records of one tenant: what detection remembers, compact, versioned and bounded.

Each record is encoded as one version byte and a MessagePack array. A field is only ever added at the end (with a
default); anything else needs a new version and a migration in `codec.py`. No record grows beyond 64 KiB: lists are
capped, and a payee's payments spill into blocks. Times are microseconds since the epoch, UTC; amounts are decimal
strings.
"""

from typing import ClassVar

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
    alerts: dict[str, str] = {}


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


class Lifecycle(Part):
    action: str
    time: int
    effective: str | None = None


class PayeeRecord(Record):
    """Everything known about one payee, but for payments older than the inline rows."""

    KIND = "payee"
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
    amounts: dict[str, tuple[int, float, float]] = {}
    """Per stream and currency: count, mean and sum of squared deviations of the log amount."""

    def account(self, fp: str) -> AccountUse | None:
        for use in self.accounts:
            if use.fp == fp:
                return use
        return None


class BlockRecord(Record):
    KIND = "rows"
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


class RunRecord(Record):
    KIND = "run"
    last: int = 0
    due: int | None = None
    """When it closes; once closed, when it is forgotten."""
    closed: bool = False
    rows: int = 0


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
    count: int = 0
    peers: dict[str, tuple[int, float, float]] = {}
    bins: list[int] = []
    threshold: float = 0.0
    version: str = ""
    used: dict[str, int] = {}
    """Findings by local date (vendors) or run (payroll), the last few: what the caps count."""


class ListHead(Record):
    """A sanctions list in force, and a newer version whose parts are still coming in."""

    KIND = "list"
    HOT = True
    version: str = ""
    published: int = 0
    digest: bytes = b""
    entries: int = 0
    pending: str = ""
    pending_published: int = 0
    pending_mode: str = ""
    pending_parts: list[int] = []
    generation: int = 0
    """Counts the updates that took effect."""


class ListEntryRecord(Record):
    """One entry as JSON; id = list (with its length), mark (in force, staged, to be removed), entry id."""

    KIND = "entry"
    body: bytes
    generation: int = 0
    """The update that added or last changed it."""


class RescreenRecord(Record):
    """Payees still to be screened against what a list update added; id = generation, owner, list, by line feeds."""

    KIND = "rescreen"
    owner: str
    list: str
    generation: int
    ref: str
    time: int
    cursor: str = ""
    """The last payee that was screened."""
