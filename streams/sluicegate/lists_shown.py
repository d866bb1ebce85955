"""Which sanctions lists are in force, in words and figures: for the log, /readyz, /metrics and the command line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.logs import event
from sluicegate.screening.lists.registry import SOURCES

if TYPE_CHECKING:
    from sluicegate.detection.in_force import InForce, ListInForce
    from sluicegate.metrics import Metrics

__all__ = ["NO_LIST", "ListsShown", "described"]

logger = logging.getLogger(__name__)

NO_LIST = "No sanctions list is there: nobody is screened. `sluicegate lists update` loads the public lists."
_SOME = "Some tenants are not covered by any list but the built-in starter list of a few parties."
_LONGEST = 64
_PRIVATE = "private"


def described(found: InForce) -> Iterator[str]:
    """One line of the lists, and one more where they are no sanctions screening.

    >>> from sluicegate.detection.in_force import InForce, ListInForce
    >>> starter = ListInForce("*", "starter", "2025-08-27.1", 6, 0)
    >>> for line in described(InForce((starter,), partial=True)):
    ...     print(line[:60])
    lists: starter 2025-08-27.1 (6 entries)
    Only the built-in starter list of a few parties is there: th
    >>> list(described(InForce((ListInForce("*", "un", "7", 1002, 0), ListInForce("acme", "x", "1", 9, 0)), False)))
    ['lists: un 7 (1,002 entries); 1 of tenants of their own (9 entries)']
    """
    text = ", ".join(map(_named, found.shared)) or "none"
    own = [one for one in found.lists if one not in found.shared]
    if own:
        text += f"; {len(own)} of tenants of their own ({sum(one.entries for one in own):,} entries)"
    yield f"lists: {text}"
    if found.partial:
        yield _warning(found)


def _warning(found: InForce) -> str:
    if not found.lists:
        return NO_LIST
    return PARTIAL_ONLY if found.lists == found.shared else _SOME


def _named(one: ListInForce) -> str:
    return f"{_plain(one.name)} {_plain(one.version)} ({one.entries:,} entries)"


def _plain(text: str) -> str:
    """Names and versions are whatever a feed says."""
    return "".join(char if char.isprintable() else "?" for char in text[:_LONGEST])


class ListsShown:
    """The lists in force in this worker, as its metrics and its log have them. None: no partition is open here."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._shown: InForce | None = None
        self._told: InForce | None = None
        self._warned = ""

    def show(self, found: InForce | None) -> None:
        """Put it into the metrics."""
        if found != self._shown:
            self._shown = found
            self._metrics.show_lists(*_figures(found))

    def tell(self, found: InForce | None) -> None:
        """Log what changed. A warning waits until it is told twice: partitions switch one after another."""
        if found is None:
            return
        before, self._told = self._told, found
        known = before.shared if before is not None else ()
        for one in found.shared:
            if one not in known:
                logger.info("list in force: %s", _named(one), extra=event("list.switched"))
        warning = _warning(found) if found.partial else ""
        if found == before and warning != self._warned:
            self._warned = warning
            if warning:
                logger.warning("%s", warning, extra=event("list.partial"))


def _figures(found: InForce | None) -> tuple[dict[str, int], dict[str, float], bool]:
    """Entries, oldest time of publication, by list; and whether these are no screening.

    Lists that are none of the known sources go by one name: theirs are whatever a feed says.
    """
    entries: dict[str, int] = {}
    published: dict[str, float] = {}
    for one in found.lists if found is not None else ():
        label = one.name if one.name in SOURCES else _PRIVATE
        entries[label] = entries.get(label, 0) + one.entries
        published[label] = min(published.get(label, float("inf")), one.published / 1e6)
    return entries, published, found is not None and found.partial
