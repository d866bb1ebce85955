"""What the rules about a payee's accounts share."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import AccountLinks, AccountUse, Change, PayeeRecord
from sluicegate.detection.view import View

LINK_DAYS = 400
NOC_DAYS = 60


@dataclass
class Score:
    """Points with their names."""

    points: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, points: int, met: bool = True) -> None:
        if met:
            self.points[name] = points

    @property
    def total(self) -> int:
        return min(100, max(0, sum(self.points.values())))


class Old(NamedTuple):
    """The account that a new one is compared with."""

    fp: str | None
    country: str | None
    scheme: str | None
    bank: str | None = None
    last4: str | None = None


def from_bank(payee: PayeeRecord, change: Change) -> bool:
    """Whether the bank itself announced the account."""
    if change.channel == "bank_noc":
        return True
    first_use = min((row.time for row in payee.rows if change.fp in row.fps), default=change.time)
    return any(fp == change.fp and 0 <= first_use - at <= NOC_DAYS * DAY for at, fp in payee.nocs)


def others(view: View, id: str, use: AccountUse) -> list[str]:
    """Other payees of the account, but for those of the payee's household."""
    links = view.links(AccountLinks, use.fp, LINK_DAYS)
    return sorted(link.payee for link in links if link.payee != id and not view.household(id, link.payee, use))
