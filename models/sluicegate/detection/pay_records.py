"""State records of payroll: who is on the roster, by pay group, and payments that are looked at again."""

from sluicegate.detection.records import Part, Record


class RosterRow(Part):
    """A hired worker who was paid."""

    group: str | None = None
    """Pay group of the latest payment; None: the default one."""
    end: int | None = None
    """Last day of work, in days since 1970-01-01, of a worker who left."""


class RosterRecord(Record):
    """A share of the tenant's workers; the id is a number made of theirs."""

    KIND = "roster"
    workers: dict[str, RosterRow] = {}


class RecheckRecord(Record):
    """A payment to a worker whom the roster does not show at work; id = payee and payment, by a line feed."""

    KIND = "recheck"
    payee: str
    payment: str
    due: int | None
