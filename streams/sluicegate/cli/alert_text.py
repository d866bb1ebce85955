"""Alerts and signals in words, for a terminal: what, about whom, why, how much money, what to do."""

import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec
from rich.text import Text

from sluicegate.wire.letters import decode_letter

__all__ = ["Subject", "View", "decode", "letter_text", "text"]

COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "bold yellow", "low": "bold cyan"}
QUIET = "dim"
_ACTIONS = {
    "hold": "hold the payment",
    "verify_callback": "call the payee back on a known number",
    "review": "review",
    "block_per_policy": "block, as the policy says",
}


class Subject(msgspec.Struct):
    kind: str = ""
    id: str = ""
    display: str | None = None


class Reason(msgspec.Struct):
    rule: str = ""
    text: str = ""
    score: float = 0
    sources: list[str] = []


class Money(msgspec.Struct):
    value: str = "0"
    currency: str = ""
    count: int = 0


class View(msgspec.Struct):
    """What is shown of an alert or a signal; unknown fields and values are let through (contract section 9)."""

    alert_id: str = ""
    revision: int = 1
    activity: str = "create"
    close_reason: str | None = None
    tenant_id: str = ""
    family: str = ""
    severity: str = "signal"
    score: float = 0
    title: str = ""
    subject: Subject = msgspec.field(default_factory=Subject)
    reasons: list[Reason] = []
    money: list[Money] = []
    recommended_action: str = "none"
    counterfactual: str = ""
    retroactive: bool = False
    mode: str | None = None
    notice: bool = False
    last_event_at: str = ""
    updated_at: str = ""


class _Event(msgspec.Struct):
    type: Literal["alert.v1", "signal.v1"]
    data: View


_EVENT = msgspec.json.Decoder(_Event)


def decode(value: bytes) -> View | None:
    """The alert or signal in a record; None where there is none."""
    try:
        return _EVENT.decode(value).data
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def text(alert: View) -> Text:
    """Some lines, coloured by severity. Control characters of payees' data never reach the terminal.

    >>> pay = View(tenant_id="acme", severity="high", score=65, title="Pay almost doubled")
    >>> pay.updated_at, pay.subject = "2026-06-11T09:00:00Z", Subject("payee", "E7", "Ann")
    >>> pay.money = [Money("5500.00", "USD", 1)]
    >>> pay.reasons = [Reason("pay-spike", "5,500 where 2,900 is usual", 65)]
    >>> print(text(pay).plain.replace(" ", "."))
    HIGH.65......acme..payee.E7.(Ann)..2026-06-11.09:00:00
    ..Pay.almost.doubled
    ..-.5,500.where.2,900.is.usual..[pay-spike.65]
    ..money..5,500.00.USD.in.1.payment
    """
    out = Text()
    level = alert.severity if alert.mode is None else "signal"
    out.append(f"{level.upper()} {alert.score:g}".ljust(13), COLOURS.get(level, QUIET))
    subject = f"{alert.subject.kind} {clean(alert.subject.id)}"
    if alert.subject.display:
        subject += f" ({clean(alert.subject.display)})"
    out.append(f"{clean(alert.tenant_id)}  ", "bold")
    out.append(f"{subject}  ")
    out.append(alert.updated_at.removesuffix("Z").replace("T", " ")[:19], QUIET)
    for note in _notes(alert):
        out.append(f"  {note}", QUIET)
    out.append(f"\n  {clean(alert.title)}", "bold")
    for reason in alert.reasons:
        out.append(f"\n  - {clean(reason.text)}  ")
        out.append(f"[{reason.rule} {reason.score:g}]", QUIET)
    for label, content in _facts(alert):
        out.append(f"\n  {label.ljust(5)}  ", QUIET)
        out.append(content)
    return out


def letter_text(value: bytes) -> Text:
    """A dead letter: reason, place, and what was wrong where; never the value."""
    letter = decode_letter(value)
    if letter is None:
        return Text("(no dead letter)", QUIET)
    out = Text()
    out.append(letter.reason.ljust(18), "bold red")
    out.append(f"{clean(letter.key.decode())}  ")
    out.append(f"{letter.received_at or ''}\n  ", QUIET)
    out.append(f"{clean(letter.detail.path)} {clean(letter.detail.message)}".strip())
    return out


def _notes(alert: View) -> Iterator[str]:
    """What sets it apart from a new alert."""
    if alert.activity == "update":
        yield f"revision {alert.revision}"
    if alert.activity == "close":
        yield f"closed: {(alert.close_reason or '').replace('_', ' ')}"
    if alert.retroactive:
        yield "found later"
    if alert.mode == "shadow":
        yield "shadow"
    if alert.notice:
        yield "notice"


def _facts(alert: View) -> Iterator[tuple[str, str]]:
    if alert.money:
        sums = ", ".join(
            f"{amount(one.value)} {clean(one.currency)} in {one.count} payment{'s' * (one.count != 1)}"
            for one in alert.money
        )
        yield "money", sums
    if alert.recommended_action in _ACTIONS:
        yield "do", _ACTIONS[alert.recommended_action]
    if alert.counterfactual:
        yield "if", clean(alert.counterfactual)


def amount(value: str) -> str:
    """
    >>> amount("1234567.50"), amount("n/a")
    ('1,234,567.50', 'n/a')
    """
    try:
        return f"{Decimal(value):,f}"
    except InvalidOperation:
        return clean(value)


def clean(value: str) -> str:
    """Without control and direction characters, which would let a payee's name write on the screen.

    >>> clean("Eve\\x1b[2J\\u202eLtd")
    'Eve?[2J?Ltd'
    """
    return "".join("?" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in value)
