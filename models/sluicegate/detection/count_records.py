"""State of the counts across tenants: who was seen at an account, tax id or wallet. It belongs to no tenant."""

from sluicegate.detection.records import Part, Record


class Seen(Part):
    """The latest event of one tenant about a contractor, or about somebody else."""

    tenant: str
    contractor: bool
    time: int
    source: str
    id: str
    days: int
    """The window in which this tenant counts."""


class PivotRecord(Record):
    """Tenants that were seen at one pivot; id = rule and pivot, by a line feed."""

    KIND = "pivot"
    seen: list[Seen] = []
    told: dict[str, tuple[int, bool]] = {}
    """Tenant -> number of tenants, and whether all pay contractors, as it was told last."""
    due: int | None = None
    """When it is forgotten, by the time at which records came in."""
