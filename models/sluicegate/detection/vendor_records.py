"""State records about vendors and contact data across a tenant: names, e-mail domains, phones and residences."""

from sluicegate.detection.records import Record


class VendorSegment(Record):
    """Consecutive paid vendors, in parallel lists; id = number of the segment."""

    KIND = "vendors"
    HOT = True
    payees: list[str] = []
    names: list[str] = []
    """Tokens by one space, without the legal form; empty where there are none."""
    signatures: bytes = b""
    """8 bytes a name: which characters it holds once and twice."""
    lengths: bytes = b""
    """2 bytes a name."""


class VendorTally(Record):
    """How many paid vendors the segments hold, and what vendors were paid first of all."""

    KIND = "vendortally"
    HOT = True
    count: int = 0
    first: list[tuple[int, str]] = []
    """(event time, amount in base currency) of first payments, oldest first."""


class DomainRecord(Record):
    """Paid vendors of one e-mail domain and its look-alikes; id = the domain in the form all of these share."""

    KIND = "domain"
    vendors: list[tuple[str, str]] = []
    """(payee, domain as stated)."""


class ContactRecord(Record):
    """Payees of one phone or residence; id = `phone` or `residence` and the hash, by a line feed."""

    KIND = "contact"
    payees: list[str] = []
