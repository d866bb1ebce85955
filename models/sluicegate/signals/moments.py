"""Running mean and variance that do not lose digits (Welford 1962), and forget beyond a number of observations."""


def add(n: int, mean: float, m2: float, value: float, most: int) -> tuple[int, float, float]:
    """Count, mean and sum of squared deviations with one more value; from `most` on, older values fade.

    >>> add(*add(*add(0, 0.0, 0.0, 2.0, 9), 4.0, 9), 9.0, 9)
    (3, 5.0, 26.0)
    """
    if n >= most:
        m2 *= (most - 1) / most
    else:
        n += 1
    delta = value - mean
    mean += delta / n
    return n, mean, m2 + delta * (value - mean)


def clipped(value: float, center: float, reach: float) -> float:
    """The value, or the nearest one that lies within `reach` of the center (winsorising)."""
    least, most = center - reach, center + reach
    return least if value < least else min(value, most)
