"""What the circuit breaker remembers of a tenant's rules, from one policy to the next."""

from sluicegate.detection.records import Part, Record


class Watched(Part):
    """What a rule did in the stretch that is counted now."""

    start: int = 0
    """Events it looked at before the stretch began."""
    fired: int = 0
    failed: int = 0
    cause: str = ""
    """Why it is in shadow; empty: it is not."""


class BreakerRecord(Record):
    KIND = "breaker"
    HOT = True
    rules: dict[str, Watched] = {}
    """By slug; of those that fired or failed since the policy."""
