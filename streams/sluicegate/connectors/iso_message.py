"""The head of an ISO 20022 message: who it is, when it was made, and the control sums of it and of its groups."""

from __future__ import annotations

from decimal import Decimal

from sluicegate.connectors.base import Context, Control, Place
from sluicegate.connectors.iso_reader import Record, refused
from sluicegate.connectors.iso_values import EXACT, amount, count, instant, number

__all__ = ["HEADER", "Tally", "below", "created", "holds", "message_id"]

HEADER = "GrpHdr^/MsgId! GrpHdr^/CreDtTm! GrpHdr^/NbOfTxs! GrpHdr^/CtrlSum! "
"""Part of a layout (see iso_reader)."""
_EARLIEST, _END = 946_684_800_000_000, 4_102_444_800_000_000  # 2000-01-01 to 2100-01-01, as the contract has it


def below(parent: str, paths: str) -> str:
    """A layout's paths, below an element.

    >>> below("CdtTrfTxInf+", "Purp/Cd RmtInf/Ustrd*")
    'CdtTrfTxInf+/Purp/Cd CdtTrfTxInf+/RmtInf/Ustrd* '
    """
    return "".join(f"{parent}/{path} " for path in paths.split())


def holds(head: bytes, *words: str) -> bool:
    """Whether any of the words stands in a file's first bytes, in an encoding with one or with two bytes a letter."""
    plain = head.replace(b"\0", b"")
    return any(word.encode() in plain for word in words)


def message_id(header: Record) -> str:
    """Raises FileRefusedError where it is missing: without it the file could not be told from another one."""
    id = header.get("MsgId", "")
    if not id:
        raise refused(header.line, f"{header.path}/MsgId is missing; ask the sender for a file that has one")
    return str(id)


def created(header: Record, context: Context) -> int:
    """When the message was made, in µs since 1970 UTC; raises FileRefusedError where it does not say."""
    when = instant(header.get("CreDtTm", ""), context.zone)
    if when is None or not _EARLIEST <= when < _END:
        line = header.lines.get("CreDtTm", header.line)
        raise refused(line, f"{header.path}/CreDtTm is no time from 2000 to 2099; expected one such as "
                            "2026-06-30T09:00:00+02:00; ask the sender for a corrected file")  # fmt: skip
    return when


class Tally:
    """Counts and adds up transactions, exactly."""

    __slots__ = ("number", "total", "totals")

    def __init__(self) -> None:
        self.number = 0
        self.total = Decimal(0)
        self.totals: dict[str, Decimal] = {}

    def take(self, record: Record, amounts: tuple[str, ...]) -> None:
        """Counts a transaction; adds its amount, unless it is malformed."""
        self.number += 1
        for key in amounts:
            if key in record:
                if (text := amount(record[key])) is not None:
                    value = Decimal(text)
                    self.total = EXACT.add(self.total, value)
                    currency = record.get(f"{key}@Ccy", "")
                    if currency in self.totals or len(self.totals) < 300:
                        self.totals[currency] = EXACT.add(self.totals.get(currency, Decimal(0)), value)
                return

    def controls(self, scope: str, said: Record) -> list[Control]:
        """What the element announces beside what was found."""
        out = []
        for key, what, parse, found in (
            ("NbOfTxs", "transactions", count, Decimal(self.number)),
            ("CtrlSum", "total", number, self.total),
        ):
            if key in said:
                place = Place(said.lines.get(key, said.line), f"{said.path}/{key}")
                out.append(Control(scope, what, place, parse(said[key]), found))
        return out
