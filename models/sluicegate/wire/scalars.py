"""The smallest values of the wire: text with a shape, calendar dates, instants.

Every pattern is anchored at both ends and counts ASCII digits only. `\\Z` stands where a JSON Schema says `$`, which
in Python would also let a line feed pass; the exported schema says `$`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from msgspec import Meta

if TYPE_CHECKING:
    _T = TypeVar("_T")
    Opt: TypeAlias = _T | None
else:

    class Opt:
        """A field that may be absent (then it is None) but never null: the contract knows no null.

        The type checker reads `Opt[T]` as `T | None`; msgspec sees plain `T` and refuses a null.
        """

        def __class_getitem__(cls, item: object) -> object:
            return item


Date = date

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_SECOND = 1_000_000
_FIRST, _LAST = -62_135_596_800 * _SECOND, 253_402_300_800 * _SECOND  # years 1 to 9999, what a datetime can hold


def parse_time(text: str) -> int | None:
    """Microseconds since 1970 UTC of an RFC 3339 text with offset; digits after the sixth are cut off.

    None for anything else: no offset, small letters, a leap second, a day the calendar lacks, a year outside 1 to 9999.

    >>> parse_time("2026-06-11T09:00:00.25+02:00")
    1781161200250000
    >>> parse_time("2026-06-11T09:00:00.1234567Z") == parse_time("2026-06-11T09:00:00.123456Z")
    True
    >>> parse_time("2026-02-30T09:00:00Z"), parse_time("2026-06-11T09:00:00"), parse_time("2016-12-31T23:59:60Z")
    (None, None, None)
    """
    if _TIME.fullmatch(text) is None:
        return None
    try:
        since = datetime.fromisoformat(text) - EPOCH
    except ValueError:
        return None
    us = (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds
    return us if _FIRST <= us < _LAST else None


def format_time(us: int) -> str:
    """RFC 3339 in UTC with `Z`; a fraction only when there is one, of three digits where they suffice, else of six.

    Raises OverflowError outside the years 1 to 9999.

    >>> format_time(1781161200000000), format_time(1781161200250000), format_time(1781161200250001)
    ('2026-06-11T07:00:00Z', '2026-06-11T07:00:00.250Z', '2026-06-11T07:00:00.250001Z')
    """
    rest = us % _SECOND
    precision = "seconds" if rest == 0 else "microseconds" if rest % 1000 else "milliseconds"
    return (EPOCH + timedelta(microseconds=us)).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


class Instant(int):
    """A timestamp inside `data`: microseconds since 1970 UTC, RFC 3339 text on the wire."""

    __slots__ = ()


def dec_hook(kind: type, value: Any) -> Any:
    """msgspec decoding of `Instant`; raises ValueError where the text is no timestamp."""
    us = parse_time(value) if kind is Instant and isinstance(value, str) else None
    if us is None:
        raise ValueError("Expected a timestamp")
    return Instant(us)


def enc_hook(value: Any) -> Any:
    """msgspec encoding of `Instant`, back to the text."""
    if isinstance(value, Instant):
        return format_time(value)
    raise NotImplementedError(f"no wire form of {type(value).__name__}")


def _text(pattern: str, expected: str, **extra: Any) -> Any:
    return Meta(pattern=f"^{pattern}\\Z", extra={"expected": expected, **extra})


Decimals = Annotated[str, _text(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", 'a decimal as text, such as "1250.00"', decimal=True)]
Amount = Annotated[str, _text(r"[0-9]{1,18}(\.[0-9]{1,18})?", "a decimal as text, not negative", decimal=True)]
Currency = Annotated[str, _text("[A-Z]{3}", "a currency of three capital letters (ISO 4217)")]
Country = Annotated[str, _text("[A-Z]{2}", "a country of two capital letters (ISO 3166-1)")]
Region = Annotated[str, _text("[A-Z]{2}-[A-Z0-9]{1,3}", "a region such as US-CA (ISO 3166-2)")]
Network = Annotated[str, _text("[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", "a network such as eip155:8453 (CAIP-2)")]
Sha256 = Annotated[str, _text("[0-9a-f]{64}", "64 small hex digits")]
AlertId = Annotated[str, _text("al_[0-9a-f]{32}", "al_ and 32 small hex digits")]
BirthDate = Annotated[str, _text("[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", "YYYY, YYYY-MM or YYYY-MM-DD")]
Tenant = Annotated[str, _text(r"([a-z0-9][a-z0-9_-]{0,62}|\*)", "a tenant: 1 to 63 of a-z, 0-9, - and _, or *")]

Id = Annotated[str, Meta(min_length=1, max_length=128)]
NonEmpty = Annotated[str, Meta(min_length=1)]
Source = Annotated[str, Meta(min_length=1, max_length=512)]
PartitionKey = Annotated[str, Meta(min_length=1, max_length=256)]
Text4 = Annotated[str, Meta(min_length=2, max_length=4)]
Text8 = Annotated[str, Meta(max_length=8)]
Text16 = Annotated[str, Meta(max_length=16)]
Text20 = Annotated[str, Meta(max_length=20)]
Text32 = Annotated[str, Meta(max_length=32)]
Text35 = Annotated[str, Meta(max_length=35)]
Text64 = Annotated[str, Meta(max_length=64)]
Text128 = Annotated[str, Meta(max_length=128)]
Text253 = Annotated[str, Meta(max_length=253)]
Text256 = Annotated[str, Meta(max_length=256)]
Text512 = Annotated[str, Meta(max_length=512)]
Text1024 = Annotated[str, Meta(max_length=1024)]
Text2000 = Annotated[str, Meta(max_length=2000)]
Text2048 = Annotated[str, Meta(max_length=2048)]

Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**63 - 1)]
SplitCount = Annotated[int, Meta(ge=2, le=2**63 - 1)]

RuleSlug = Literal[
    "changed-account",
    "account-revert",
    "account-churn",
    "name-mismatch",
    "shared-account",
    "return-signal",
    "change-burst",
    "duplicate-invoice",
    "split-payment",
    "near-limit",
    "new-vendor-large",
    "lookalike-vendor",
    "dormant-vendor",
    "shell-vendor",
    "employee-vendor-overlap",
    "self-approval",
    "pay-spike",
    "run-shift",
    "ghost-worker",
    "no-deductions",
    "off-cycle",
    "repeated-advance",
    "duplicate-pay",
    "many-employers",
    "crypto-request",
    "crypto-in-fiat",
    "wallet-churn",
    "structured-payouts",
    "shared-wallet",
    "privacy-asset",
    "rapid-cashout",
    "sanctioned-identifier",
    "sanctioned-name",
    "sanctioned-country",
    "it-worker-pattern",
    "unusual-payment",
    "missing-descriptor",
    "invalid-account",
    "late-event",
    "amount-mismatch",
    "unknown-purpose",
]

if TYPE_CHECKING:
    RuleName: TypeAlias = str
else:
    RuleName = RuleSlug  # held to the list on the wire; in code plain text, since a rule brings its own slug
