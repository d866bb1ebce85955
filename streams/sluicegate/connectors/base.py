"""What a connector is, and the values that it gives.

A file is read twice: a survey counts and adds up, so that each payment can say whether its batch's control sums agree;
then its transactions are read, in file order and constant memory. Bad data is a value (`Faulty`), never an exception; a
file that is none of its format raises `FileRefusedError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, BinaryIO, Literal

from sluicegate.connectors.keys import TenantKeys
from sluicegate.wire.decode import ReasonCode

__all__ = ["Connector", "Context", "Control", "Faulty", "Place", "Run", "Stream", "Survey", "Transaction"]

Stream = Literal["auto", "payroll", "vendor"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: its line, from 1, and an XPath, the name of a record's field, or a column."""

    line: int
    path: str

    def __str__(self) -> str:
        """
        >>> str(Place(17, "column amount"))
        'line 17: column amount'
        """
        return f"line {self.line}: {self.path}" if self.path else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One event that a file holds."""

    position: int
    """From 1, among the transactions in file order."""
    place: Place
    type: str
    """Type of the event."""
    identity: tuple[str, ...]
    """What makes it this transaction and no other, whatever the file is called; hashed, never shown."""
    time: int
    """Event time in µs since 1970 UTC; another one for each transaction of a file."""
    data: dict[str, Any]
    """As the contract says; account numbers only as fingerprints."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A transaction that cannot be used: one dead letter."""

    position: int
    place: Place
    reason: ReasonCode
    message: str
    """What was expected and found; never a value of the file that names somebody or an account."""
    raw: bytes
    """Its bytes, or enough of them to be told apart; only their digest and length leave."""


@dataclass(frozen=True, slots=True)
class Control:
    """A number or sum that a file announces, and what is in it."""

    scope: str
    """`file`, or the id of a batch."""
    what: str
    """Such as `transactions`, `total`, `credit total`, `entry hash`."""
    place: Place
    announced: Decimal | None
    """None: the file does not say."""
    found: Decimal

    @property
    def ok(self) -> bool:
        """
        >>> Control("file", "total", Place(1, ""), Decimal("10.00"), Decimal("10.0")).ok
        True
        """
        return self.announced is None or self.announced == self.found


@dataclass(frozen=True, slots=True)
class Run:
    """A pay run as the file announces it, for clearance."""

    run_id: str
    payments: int
    totals: dict[str, Decimal] = field(default_factory=dict)
    """By currency."""
    pay_date: str | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass found."""

    transactions: int
    """Those that the second pass gives, sound or faulty."""
    controls: tuple[Control, ...] = ()
    runs: tuple[Run, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    """Records that are no payments of ours and give no event, by what they are (such as `debit entries`)."""

    def mismatched(self, scope: str) -> bool:
        """Whether a control of the batch, or of the file, differs."""
        return any(not control.ok for control in self.controls if control.scope in (scope, "file"))


@dataclass(frozen=True, slots=True)
class Context:
    """For whom and how a file is read."""

    tenant: str
    keys: TenantKeys
    zone: tzinfo = UTC
    """Of local times that name none."""
    stream: Stream = "auto"
    """`auto`: what the file says of each payment."""
    mapping: Any = None
    """Of a format that needs one."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A format of files; `survey` and `read` take a seekable file at its beginning. Both raise FileRefusedError."""

    name: str
    title: str
    formats: str
    """Versions and kinds, in words."""
    suffixes: tuple[str, ...]
    emits: tuple[str, ...]
    """Types of its events."""
    survey: Callable[[BinaryIO, Context], Survey]
    read: Callable[[BinaryIO, Context, Survey], Iterator[Transaction | Faulty]]
    sniff: Callable[[bytes], bool]
    """Whether the first bytes of a file (4 KiB) look like this format."""
