"""Numbers as explanations say them."""

from decimal import Decimal


def money(amount: str | float, currency: str) -> str:
    """An amount as it was written, or rounded to cents where it is an average.

    >>> money("1458.1", "GBP"), money(3100.004, "GBP"), money("0.00000001", "BTC")
    ('1,458.1 GBP', '3,100.00 GBP', '0.00000001 BTC')
    """
    return f"{amount:,.2f} {currency}" if isinstance(amount, float) else f"{Decimal(amount):,f} {currency}"


def number(n: int, one: str, many: str = "") -> str:
    """A number of things.

    >>> number(0, "payment"), number(1, "payment"), number(1200, "category", "categories")
    ('no payments', '1 payment', '1,200 categories')
    """
    return f"1 {one}" if n == 1 else f"{f'{n:,}' if n else 'no'} {many or one + 's'}"


def times(ratio: float) -> str:
    """A ratio to three digits.

    >>> times(1234.5), times(9.43), times(1.274)
    ('1,234 times', '9.4 times', '1.27 times')
    """
    return f"{ratio:,.{0 if ratio >= 100 else 1 if ratio >= 2 else 2}f} times"


def one_in(p: float) -> str:
    """How rare a p-value is, to two digits.

    >>> one_in(0.5), one_in(0.0012), one_in(4.8e-6), one_in(1e-300)
    ('1 payment in 2', '1 payment in 830', '1 payment in 210,000', 'less than 1 payment in a billion')
    """
    return f"1 payment in {int(float(f'{1 / p:.2g}')):,}" if p >= 1e-9 else "less than 1 payment in a billion"
