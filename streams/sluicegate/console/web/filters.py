"""The queue's filter in the address, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast, get_args
from urllib.parse import urlencode

import msgspec

from sluicegate.console.store import searches
from sluicegate.console.store.alerts import SEVERITIES
from sluicegate.console.store.queue import STATUSES, Filter
from sluicegate.wire.alerts import Family

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.datastructures import QueryParams

__all__ = ["FAMILIES", "Asked", "address", "read"]

FAMILIES: tuple[str, ...] = get_args(Family)


class Asked(msgspec.Struct, frozen=True):
    """A filter, and how it stands in an address."""

    filter: Filter
    params: tuple[tuple[str, str], ...]

    def with_(self, **changes: str | tuple[str, ...]) -> str:
        """The address with some parameters replaced; an empty value drops one.

        >>> Asked(Filter(), (("status", "closed"), ("rule", "pay-spike"))).with_(rule="", severity=("high", "low"))
        '/alerts?status=closed&severity=high&severity=low'
        """
        kept = [(name, value) for name, value in self.params if name not in changes]
        for name, value in changes.items():
            kept += [(name, one) for one in ((value,) if isinstance(value, str) else value) if one]
        return address(kept)


def address(params: list[tuple[str, str]]) -> str:
    return "/alerts" + (f"?{urlencode(params)}" if params else "")


def read(connection: Connection, query: QueryParams | Mapping[str, str]) -> Asked:
    """The filter of an address; what cannot be one is left out."""
    get = query.get
    severities = tuple(name for name in SEVERITIES if name in _all(query, "severity"))
    status = get("status", "new")
    claimed = get("claimed", "")
    shown = Filter(
        status=cast("str", status) if status in STATUSES else "new",  # type: ignore[arg-type]
        severities=severities,
        tenant=(get("tenant") or "")[:63],
        family=(get("family") or "") if get("family") in FAMILIES else "",
        rule=(get("rule") or "")[:40],
        claimed=claimed if claimed in ("me", "nobody") else "",  # type: ignore[arg-type]
        search=searches.words_of(connection, get("search") or ""),
    )
    params: list[tuple[str, str]] = []
    if shown.status != "new":
        params.append(("status", shown.status))
    params += [("severity", name) for name in severities]
    single = (("tenant", shown.tenant), ("family", shown.family), ("rule", shown.rule), ("claimed", shown.claimed))
    params += [(name, value) for name, value in single if value]
    if shown.search:
        params.append(("search", get("search") or ""))
    return Asked(shown, tuple(params))


def _all(query: QueryParams | Mapping[str, str], name: str) -> list[str]:
    many = getattr(query, "getlist", None)
    return many(name) if many is not None else [query[name]] if name in query else []
