"""Mutants that change nothing anyone could observe, with the reason."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "rules/amount_mismatch.py",
        'used = len(data.amount.value.partition(".")[2].rstrip("0"))',
        "'0' to 'XX0'",
    ): "an amount holds no X",
    (
        "rules/account_revert.py",
        "rows = [r for r in view.rows(id, first.time - 1) if first.time <= r.time < view.time]",
        "1 to 2",
    ): "only which blocks are read: the rows are chosen by their times again",
    (
        "rules/near_limit.py",
        "limits = [limit for limit in limits if row.base is not None and Decimal(row.base) < limit]",
        "And to Or",
    ): "all payments of the window, and so this one, are held against the limit below",
    (
        "rules/near_limit.py",
        "limits = [limit for limit in limits if row.base is not None and Decimal(row.base) < limit]",
        "Lt to LtE",
    ): "all payments of the window, and so this one, are held against the limit below",
    ("rules/series.py", "return False", "returns None"): "only asked whether it is so",
    ("rules/split_payment.py", "return False", "returns None"): "only asked whether it is so",
    (
        "rules/privacy_asset.py",
        'coin = (to.asset or "").upper() in {asset.upper() for asset in params.assets}',
        "'' to 'XX'",
    ): "no asset is called so",
    (
        "rules/registry.py",
        'return "ABCDSXQ".index(rule.letter[0]), int(rule.letter[1:])',
        "'ABCDSXQ' to 'XXABCDSXQ'",
    ): "the order stays",
}
"""(file, source line, change) -> why no test can notice it."""
