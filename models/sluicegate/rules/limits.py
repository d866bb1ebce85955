"""Approval limits, and payments that stay under them."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from sluicegate.detection.amounts import EXACT
from sluicegate.detection.records import PaymentRow
from sluicegate.detection.view import View
from sluicegate.wire.events import Payment

MOST_LIMITS = 20


def limits_of(view: View, data: Payment) -> list[Decimal]:
    """The payment's own approval limit, else those of the policy (the 20 largest), in base currency, falling."""
    if data.approval is not None and data.approval.limit is not None:
        return [Decimal(data.approval.limit)]
    return _falling(tuple(view.policy.update.limits))


@lru_cache(maxsize=256)
def _falling(limits: tuple[str, ...]) -> list[Decimal]:
    return sorted(set(map(Decimal, limits)), reverse=True)[:MOST_LIMITS]


def just_under(rows: Iterable[PaymentRow], limit: Decimal, ratio: float) -> list[PaymentRow]:
    """Payments under the limit by amount in base currency, and at least `ratio` of it."""
    floor = _share(ratio, limit)
    return [row for row in rows if row.base is not None and floor <= Decimal(row.base) < limit]


@lru_cache(maxsize=256)
def _share(ratio: float, limit: Decimal) -> Decimal:
    return EXACT.multiply(Decimal(str(ratio)), limit)


def shown(limit: Decimal) -> str:
    """A limit as text: equal ones alike.

    >>> shown(Decimal("5000.00"))
    '5000'
    """
    return format(limit.normalize(EXACT), "f")
