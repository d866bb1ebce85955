"""State records of what speaks for a borrowed identity: signs about a payee, and who signs in with one device."""

from sluicegate.detection.records import Part, Record


class Sign(Part):
    """One thing that was seen, by its name in `it-worker-pattern`, at an event time, in an event."""

    name: str
    time: int
    ref: str


class SignRecord(Record):
    """What was seen about one payee; id = payee."""

    KIND = "signs"
    signs: list[Sign] = []
    """The last few of each name, oldest first."""
    sessions: list[tuple[int, str]] = []
    """Event time and country of the address, of sessions of late, oldest first."""
    attested: int | None = None
    """When somebody last vouched for where the payee works."""
    told: int = 0
    """The score of the last alert on them."""
    due: int | None = None
    """When nothing of it counts any more, unless something is added."""


class SignInRecord(Record):
    """Payees who used one device or address, and when last; id = `device` or `ip` and value, by a line feed."""

    KIND = "signin"
    payees: dict[str, int] = {}
    due: int | None = None
