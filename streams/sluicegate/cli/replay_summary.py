"""What a replay found, in a table of rules and severities."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from sluicegate.detection.in_force import InForce
from sluicegate.detection.log import Counts
from sluicegate.lists_shown import described
from sluicegate.rules.registry import RULES

__all__ = ["Summary"]

SEVERITIES = ("critical", "high", "medium", "low")
_SLUG = max(len(slug) for slug in RULES)


class _Data(msgspec.Struct):
    activity: str
    severity: str


class _Alert(msgspec.Struct):
    data: _Data


_ALERT = msgspec.json.Decoder(_Alert)


class Summary:
    """Counts alerts as they come; memory does not grow with their number."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.activities: Counter[str] = Counter()

    def alert(self, value: bytes) -> None:
        data = _ALERT.decode(value).data
        self.activities[data.activity] += 1
        if data.activity == "create":
            self.opened[data.severity] += 1

    def text(self, counts: Counts, tallies: Mapping[tuple[str, ...], int], lists: InForce) -> str:
        """A few lines: events by outcome, alerts by severity at opening, the lists in force at the end, findings by
        rule and severity.

        >>> found = {("finding", "pay-spike", "high"): 2, ("finding", "pay-spike", "shadow"): 1}
        >>> print(Summary().text(Counts(applied=7), found, InForce()), end="")  # doctest: +NORMALIZE_WHITESPACE
        events: 7 applied, 0 duplicates, 0 repeated, 0 dead letters, 0 ticks
        alerts: 0 opened (0 critical, 0 high, 0 medium, 0 low), 0 updates, 0 closed
        lists: none
        No sanctions list is there: nobody is screened. `sluicegate lists update` loads the public lists.
        <BLANKLINE>
        findings                critical  high  medium  low  shadow
        pay-spike                      0     2       0    0       1
        """
        outcomes = (f"{count} {name.replace('_', ' ')}" for name, count in msgspec.structs.asdict(counts).items())
        levels = ", ".join(f"{self.opened[severity]} {severity}" for severity in SEVERITIES)
        lines = [
            f"events: {', '.join(outcomes)}",
            f"alerts: {self.opened.total()} opened ({levels}), {self.activities['update']} updates, "
            f"{self.activities['close']} closed",
            *described(lists),
        ]
        found = {(key[1], key[2]): count for key, count in tallies.items() if key[0] == "finding"}
        columns = [*SEVERITIES, *sorted({level for _, level in found} - {*SEVERITIES})]
        if found:
            lines += ["", "findings".ljust(_SLUG) + "".join(f"  {column}" for column in columns)]
        for slug in RULES:
            cells = [str(found.get((slug, column), 0)).rjust(len(column)) for column in columns]
            if any((slug, column) in found for column in columns):
                lines.append(slug.ljust(_SLUG) + "".join(f"  {cell}" for cell in cells))
        return "\n".join(lines) + "\n"
