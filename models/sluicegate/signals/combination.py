"""Several p-values to one measure of surprise, and each one's share of it."""

from collections.abc import Mapping

FADES = 0.5


def combine(surprises: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """The sum of all -ln p, the largest in full, the next by a half, then a quarter; and each one's share of it.

    One strong signal counts as such, and two that agree count more, yet ten weak ones do not make a strong one.
    Ordered weighted averaging (Yager 1988) with geometric weights. Shares sum to 1; signals without any are left out.

    >>> combine({"amount": 8.0, "limit": 4.0, "burst": 0.0})
    (10.0, {'amount': 0.8, 'limit': 0.2})
    """
    parts = [(value, name) for name, value in surprises.items() if value > 0]
    if not parts:
        return 0.0, {}
    parts.sort(reverse=True)
    weight, total, out = 1.0, 0.0, {}
    for value, name in parts:
        out[name] = weight * value
        total += out[name]
        weight *= FADES
    return total, {name: part / total for name, part in out.items()}
