"""Alerts of real vendor payments as an analyst sees them: could you decide from the text?"""

from sluicegate.cli.alert_text import View, decode, text
from tests.bench.real_payments import payments
from tests.bench.rivals import own

COUNT = 10


def report(limit: int) -> None:
    """Print ten alerts of the rule, evenly taken from all in their order; each as it last was before it closed."""
    run = own.replay(row.value for row in payments(limit))
    last: dict[str, View] = {}
    for value in run.alerts:
        view = decode(value)
        if view is not None and view.activity != "close" and any(reason.rule == own.RULE for reason in view.reasons):
            last[view.alert_id] = view
    alerts = list(last.values())
    print(f"\n## {min(COUNT, len(alerts))} of the {len(alerts)} alerts with {own.RULE} on {len(run.scores):,} payments")
    for place in range(min(COUNT, len(alerts))):
        print(f"\n{text(alerts[(2 * place + 1) * len(alerts) // (2 * COUNT)]).plain}")
