"""Pay runs that a file announces, as `run.announced.v1`: clearance then knows when a run is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from sluicegate.connectors.base import Context, Survey
from sluicegate.connectors.ids import SOURCE
from sluicegate.wire.scalars import format_time

__all__ = ["announcements"]


def announcements(connector: str, context: Context, survey: Survey) -> Iterator[bytes]:
    """An event for each run of the file; an announcement of the same has the same id."""
    for run in survey.runs:
        totals = [{"value": _plain(value), "currency": currency} for currency, value in sorted(run.totals.items())]
        data = {"run_id": run.run_id, "payments": run.payments, "totals": totals}
        yield msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": f"run-{context.keys.digest(msgspec.json.encode(data))[:32]}",
                "source": SOURCE + connector,
                "type": "run.announced.v1",
                "time": format_time(time.time_ns() // 1000),
                "tenantid": context.tenant,
                "data": data,
            }
        )


def _plain(value: Decimal) -> str:
    """
    >>> _plain(Decimal("1E+3")), _plain(Decimal("12.50"))
    ('1000', '12.50')
    """
    return f"{value:f}"
