"""What every surface says while no real list is loaded: a few built-in parties are no sanctions screening."""

from collections.abc import Iterable

from sluicegate.screening.lists.registry import SOURCES

__all__ = ["PARTIAL_ONLY", "partial_only"]

PARTIAL_ONLY = (
    "Only the built-in starter list of a few parties is there: this is no sanctions screening. "
    "`sluicegate lists update` loads the public lists."
)


def partial_only(names: Iterable[str]) -> bool:
    """Whether none of the lists is more than a selection of another.

    >>> partial_only([]), partial_only(["starter"]), partial_only(["starter", "acme-watch"])
    (True, True, False)
    """
    return all(name in SOURCES and SOURCES[name].partial for name in names)
