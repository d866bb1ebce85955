"""Does the rule hold its budget? The handbook's cards as vendor payments, through detection, 100 reports a day.

From one day on all amounts are 30 % higher. Beside it, what a threshold would do that was set once and then left.
"""

import json
import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from sluicegate.rules.registry import RULES
from tests.bench.harness import table
from tests.bench.rivals import own
from tests.bench.rivals.handbook import Cards, load

PER_DAY = 100
WARM, SHIFT, END = 7, 21, 26
"""Days: what is before the first is not counted, amounts rise on the second."""
FACTOR = 1.3
START = datetime(2018, 4, 1, tzinfo=UTC)


def report(limit: int) -> None:
    """Print reports a day before the shift, in its first three days, and after them."""
    cards = load(limit)
    days = cards.whole_days
    count = int((days < END).sum())
    share = PER_DAY / (count / END)
    run = own.replay(events(cards, count, share))
    if len(run.scores) < 0.99 * count:
        raise ValueError(f"only {len(run.scores)} of {count} payments were scored: the others were dead letters")
    reported = Counter(int(days[int(id.rpartition("-")[2])]) for id in own.reported(run))
    scores = own.in_order(run, [f"/bench/cards#card-{place}" for place in range(count)])
    normal = (days[:count] >= WARM) & (days[:count] < SHIFT)
    fixed = float(np.quantile(scores[normal], 1 - share))
    over = Counter(days[:count][scores > fixed].tolist())
    print(
        f"\n## budget: {PER_DAY} a day of {count // END:,} payments; all amounts +{FACTOR - 1:.0%} from day {SHIFT} on"
    )
    rows = []
    for name, first, last in (
        (f"normal, days {WARM}-{SHIFT - 1}", WARM, SHIFT),
        (f"first three days after, {SHIFT}-{SHIFT + 2}", SHIFT, SHIFT + 3),
        (f"then, days {SHIFT + 3}-{END - 1}", SHIFT + 3, END),
    ):
        per_day = [reported[day] for day in range(first, last)]
        fixed_mean = statistics.mean(over[day] for day in range(first, last))
        spread = statistics.stdev(per_day)
        rows.append([name, f"{statistics.mean(per_day):.1f}", f"{spread:.1f}", min(per_day), max(per_day), fixed_mean])
    table(rows, ["payments reported a day", "mean", "st. dev.", "least", "most", "mean, threshold left alone"])


def events(cards: Cards, count: int, share: float) -> Iterator[bytes]:
    """A policy with the budget and no other rule, then card payments as vendor payments."""
    rules: dict[str, object] = {slug: {"mode": "off"} for slug in RULES if slug != own.RULE}
    rules[own.RULE] = {"params": {"budget_share": round(share, 6)}}
    data: dict[str, object] = {"base_currency": "EUR", "timezone": "UTC", "rules": rules}
    yield _event("policy.update.v1", "policy", START, data)
    for place, (customer, terminal, amount, day) in enumerate(
        zip(cards.customers[:count], cards.terminals[:count], cards.amounts[:count], cards.days[:count], strict=True)
    ):
        paid = amount * FACTOR if day >= SHIFT else amount
        if paid < 0.005:
            continue
        data = {
            "payment_id": f"p-{place}",
            "payee": {"payee_id": f"C-{customer}", "kind": "vendor", "entity_type": "organisation"},
            "account": {"fp": f"a-{customer}", "scheme": "iban", "country": "FR"},
            "amount": {"value": f"{paid:.2f}", "currency": "EUR"},
            "schedule": {"rail": "card"},
            "ledger": {"department": f"terminal-{terminal % 100}"},
        }
        yield _event("vendor.payment.v1", f"card-{place}", START + timedelta(days=day), data)


def _event(kind: str, id: str, at: datetime, data: dict[str, object]) -> bytes:
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {"specversion": "1.0", "source": "/bench/cards", "tenantid": "cards"}
    return json.dumps(head | {"id": id, "type": kind, "time": time, "data": data}).encode()
