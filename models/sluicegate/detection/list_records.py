"""State records of sanctions lists: what is in force, what is on its way, and who is screened again."""

from sluicegate.detection.records import Record


class ListHead(Record):
    """A sanctions list in force, and a newer version whose parts are still coming in."""

    KIND = "list"
    HOT = True
    version: str = ""
    published: int = 0
    digest: bytes = b""
    """Of every update that took effect, in their order: equal ones mean equal entries."""
    entries: int = 0
    issued: int = 0
    """The largest number of an update; each has its own, given when its first part comes."""
    pending: str = ""
    pending_published: int = 0
    pending_mode: str = ""
    pending_count: int = 0
    pending_parts: list[int] = []
    pending_generation: int = 0


class ListEntryRecord(Record):
    """One entry as JSON; id = list (with its length), mark (in force or staged), entry id."""

    KIND = "entry"
    body: bytes
    generation: int = 0
    """The update that added or last changed it; not in force while that update is pending."""


class ListPartRecord(Record):
    """What one part of a pending update says, by entry ids; id = list (with its length), number of the part."""

    KIND = "listpart"
    digest: bytes = b""
    new: list[str] = []
    """Stored as if in force, under the number of the pending update."""
    changed: list[str] = []
    """Stored beside the entry in force."""
    kept: list[str] = []
    removed: list[str] = []


class RescreenRecord(Record):
    """Payees still to be screened against what a list update added; id = generation, owner, list, by line feeds."""

    KIND = "rescreen"
    owner: str
    list: str
    generation: int
    ref: str
    time: int
    cursor: str = ""
    """The last payee that was screened."""
    at: int = 0
    """Its place in the batch."""
    events: int = 0
    """Events of the tenant since the update."""


class RescreenBatch(Record):
    """The payees of a re-screening that are next, by id; the id is that of the re-screening."""

    KIND = "rescreenids"
    ids: list[str] = []
