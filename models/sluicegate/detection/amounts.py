"""Exact sums and statistics of decimal amounts."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal

EXACT = Context(prec=80)
"""Enough for sums of any number of 36-digit amounts."""
CENT = Decimal("0.01")


def add(one: str, other: str) -> str:
    """The exact sum, with the larger scale of the two.

    >>> add("1250.125", "0.875"), add("100", "0.10")
    ('1251.000', '100.10')
    """
    return format(EXACT.add(Decimal(one), Decimal(other)), "f")


def subtract(one: str, other: str) -> str:
    """The exact difference."""
    return format(EXACT.subtract(Decimal(one), Decimal(other)), "f")


def total(values: Iterable[str]) -> Decimal:
    """The exact sum of amounts."""
    out = Decimal(0)
    for value in values:
        out = EXACT.add(out, Decimal(value))
    return out


def median(values: Sequence[Decimal]) -> Decimal:
    """The usual median: the mean of the middle two where their number is even.

    >>> median([Decimal(1), Decimal(4), Decimal(2), Decimal(3)])
    Decimal('2.5')
    """
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return EXACT.divide(EXACT.add(ordered[half - 1], ordered[half]), Decimal(2))


def rounded(value: Decimal | str) -> str:
    """A computed amount for people: as it is where it has at most two decimals, else to two.

    >>> rounded("2212.883333333333333333"), rounded("31.9"), rounded(Decimal("-5000")), rounded("0.004")
    ('2212.88', '31.9', '-5000', '0.00')
    """
    amount = Decimal(value)
    digits = amount.as_tuple().exponent
    return format(amount if isinstance(digits, int) and digits >= -2 else amount.quantize(CENT, context=EXACT), "f")


def within(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    """Whether two amounts differ by at most `tolerance` (a share) of the larger.

    >>> within(Decimal("100"), Decimal("99.5"), Decimal("0.005"))
    True
    """
    return abs(EXACT.subtract(one, other)) <= EXACT.multiply(tolerance, max(one, other))


def regular_part(amount: str, components: Sequence[tuple[str, str]]) -> str | None:
    """The share of a payroll payment that recurs: amount x kept / all; None where nothing of it does.

    `components` are (type, amount); without any the whole amount is regular.

    >>> regular_part("3000", [("regular", "2000"), ("bonus", "1000")])
    '2000'
    >>> regular_part("3000", [("bonus", "1000")]) is None
    True
    """
    if not components:
        return amount
    everything = kept = Decimal(0)
    for kind, text in components:
        value = Decimal(text)
        everything = EXACT.add(everything, value)
        if kind in KEPT:
            kept = EXACT.add(kept, value)
    if not kept or not everything:
        return None
    if kept == everything:
        return amount
    return format(
        EXACT.divide(EXACT.multiply(Decimal(amount), kept), everything)
        .quantize(Decimal(1).scaleb(-18), context=EXACT)
        .normalize(EXACT),
        "f",
    )


KEPT = frozenset(("regular", "overtime", "contract", "other"))
