"""State records of a tenant's account changes taken together: who changed them lately, and how many payees it pays."""

from sluicegate.detection.records import Part, Record


class BurstRow(Part):
    """A counted change of account."""

    payee: str
    time: int
    ref: str
    device: str | None = None
    """The device that was not known; only in the tenant's own record."""


class BurstRecord(Record):
    """Counted changes of late, oldest first; id = pivot kind and value by a line feed, or `tenant`."""

    KIND = "burst"
    changes: list[BurstRow] = []
    due: int | None = None
    """When it is forgotten, unless changes go on."""


class PaidRecord(Record):
    """How many payees were last paid in each hour of event time (hours since 1970)."""

    KIND = "paidhours"
    HOT = True
    hours: dict[int, int] = {}
