"""An alert as a row: one place that says which columns there are, of which kind, and where each value stands.

Amounts stay text or exact decimals: they never pass through a floating point number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["COLUMNS", "Column", "columns", "row"]

Json = Mapping[str, Any]
Kind = Literal["text", "texts", "whole", "number", "flag", "time", "money"]


@dataclass(frozen=True)
class Column:
    """`personal`: only where personal data are wanted. `texts` and `money` hold lists."""

    name: str
    kind: Kind
    value: Callable[[Json], Any]
    personal: bool = False


def _field(name: str, kind: Kind = "text") -> Column:
    return Column(name, kind, lambda data: data.get(name))


COLUMNS = (
    _field("alert_id"),
    _field("revision", "whole"),
    _field("activity"),
    _field("close_reason"),
    _field("tenant_id"),
    _field("family"),
    _field("severity"),
    _field("score", "number"),
    _field("title"),
    Column("subject_kind", "text", lambda data: data["subject"].get("kind")),
    Column("subject_id", "text", lambda data: data["subject"].get("id")),
    Column("subject_display", "text", lambda data: data["subject"].get("display"), personal=True),
    Column("rules", "texts", lambda data: [reason["rule"] for reason in data["reasons"]]),
    Column("reasons", "texts", lambda data: [reason["text"] for reason in data["reasons"]]),
    _field("recommended_action"),
    _field("payment_ids", "texts"),
    _field("money", "money"),
    _field("retroactive", "flag"),
    Column("accounts", "texts", lambda data: _entities(data, "account")),
    Column("wallets", "texts", lambda data: _entities(data, "wallet")),
    Column("policy", "text", lambda data: data["versions"].get("policy")),
    Column("ruleset", "text", lambda data: data["versions"].get("ruleset")),
    _field("first_event_at", "time"),
    _field("last_event_at", "time"),
    _field("created_at", "time"),
    _field("updated_at", "time"),
)


def columns(*, personal_data: bool) -> tuple[Column, ...]:
    """Those of a file, in order."""
    return tuple(column for column in COLUMNS if personal_data or not column.personal)


def row(data: Json, chosen: tuple[Column, ...]) -> list[Any]:
    """The values of an alert's data; None where there is none. Raises KeyError, TypeError where it is no alert."""
    return [column.value(data) for column in chosen]


def _entities(data: Json, kind: str) -> list[str]:
    """Each once: one may take part in several roles."""
    return list(dict.fromkeys(one["id"] for one in data["entities"] if one["kind"] == kind))
