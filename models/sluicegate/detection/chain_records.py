"""State record of the alert chain: where the tenant's chain ends."""

from sluicegate.detection.records import Record


class ChainRecord(Record):
    """The last link of the tenant's alert revisions: its number and its hash in hex (see `wire/chain.py`)."""

    KIND = "chain"
    number: int
    hash: str
