"""How well `unusual-payment` ranks labelled payments: AP, ROC AUC, precision at a budget, µs an event, bytes a payee.

Through the real replay with scores, prequential: each payment is scored before anything is learned from it. The first
half of the scored time is for tuning; the second half is reported apart. `--budget` holds the shift of all amounts by
30 % against the findings of the time before; `--alerts N` prints findings as an analyst would see them.
"""

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sklearn.metrics import average_precision_score, roc_auc_score

from sluicegate.detection import anomaly, step
from sluicegate.detection.codec import decode
from sluicegate.detection.partition import Output
from sluicegate.detection.records import PayeeRecord
from sluicegate.replay import Replay
from sluicegate.rules import unusual_payment

PAYMENTS = Path(__file__).parents[3] / "shared/data/payments"
RULE = "unusual-payment"
TARGETS = {"vendor": 0.19, "payroll": 0.71}
BUDGETS = (0.002, 0.005, 0.01)
SHIFT = Decimal("1.3")
Scored = tuple[str, float, int]
"""Event time, score, label."""


class Spent:
    """Time spent in scoring and learning alone."""

    def __init__(self) -> None:
        self.events: list[float] = []
        self._event = 0.0

    def around(self, function: Callable[..., Any], *, ends: bool = False) -> Callable[..., Any]:
        """The function, timed; `ends` where it is the last of an event."""

        def timed(*args: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                self._event += time.perf_counter() - start
                if ends:
                    self.events.append(self._event)
                    self._event = 0.0

        return timed


def lines(name: str) -> Iterator[bytes]:
    with gzip.open(PAYMENTS / f"{name}-labelled.events.jsonl.gz") as file:
        yield from file


def labels(name: str) -> tuple[str, dict[str, int]]:
    """The date from which payments count, and each event's label."""
    first, _, *rest = (PAYMENTS / f"{name}-labelled.labels.csv").read_text().splitlines()
    return first.split()[-1], {id: int(label) for id, label in (line.split(",") for line in rest)}


def quality(name: str) -> None:
    start, label = labels(name)
    times: dict[str, str] = {}
    scored: list[Scored] = []
    spent = Spent()
    watched = {
        (step, "assess"): spent.around(anomaly.assess),
        (step, "learn"): spent.around(anomaly.learn, ends=True),
        (unusual_payment, "assess"): spent.around(anomaly.assess),
    }
    for (module, function), timed in watched.items():
        setattr(module, function, timed)

    def noted() -> Iterator[bytes]:
        for line in lines(name):
            event = json.loads(line)
            times[event["id"]] = event["time"]
            yield line

    def score(line: bytes) -> None:
        one = json.loads(line)
        id = one["event"].partition("#")[2]
        if times[id] >= start:
            scored.append((times[id], one["score"], label[id]))

    replay = Replay(lambda _: None, score)
    replay.feed(name, noted())
    replay.finish()
    for module, function in watched:
        setattr(module, function, getattr(anomaly, function))
    times_scored = sorted(one[0] for one in scored)
    middle = times_scored[len(scored) // 2]
    print(f"\n{name}: aim AP {TARGETS[name]} in the second half")
    heads = "".join(f"  prec@{share:.1%}" for share in BUDGETS)
    print(f"{'':12}{'payments':>9}{'labelled':>9}{'AP':>7}{'AUC':>7}{heads}")
    report("tuning half", [one for one in scored if one[0] < middle])
    report("second half", [one for one in scored if one[0] >= middle])
    report("all", scored)
    sizes = payee_bytes(replay)
    print(
        f"{median(spent.events) * 1e6:.0f} µs an event (median); bytes a payee: {max(sizes)} at most, ",
        end="",
    )
    print(f"{sum(sizes) / len(sizes):.0f} on average of {len(sizes)}")


def report(what: str, scored: list[Scored]) -> None:
    hit = [one[2] > 0 for one in scored]
    scores = [one[1] for one in scored]
    best = sorted(zip(scores, hit, strict=True), reverse=True)
    cells = [sum(y for _, y in best[: int(share * len(best))]) / int(share * len(best)) for share in BUDGETS]
    ap, auc = average_precision_score(hit, scores), roc_auc_score(hit, scores)
    print(f"{what:12}{len(hit):9}{sum(hit):9}{ap:7.3f}{auc:7.3f}{''.join(f'{cell:11.2f}' for cell in cells)}")


def payee_bytes(replay: Replay) -> list[int]:
    """What the anomaly part adds to each payee's record, keys included."""
    return [
        sum(2 + len(key) + len(value) for key, value in decode(PayeeRecord, record).habits.items())
        for tenant in replay.partition.stores.values()
        for record in tenant.records.get(PayeeRecord.KIND, {}).values()
    ]


def findings(name: str, shift_from: str = "", **params: object) -> tuple[Counter[str], list[dict[str, Any]]]:
    """Findings of the rule by month, all its reasons; amounts are 30 % higher from `shift_from` on."""
    policy: dict[str, Any] = {"rules": {RULE: {"params": params}}}
    months: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    told: list[dict[str, Any]] = []

    def take(output: Output) -> None:
        if output.topic != "alerts":
            return
        data = json.loads(output.value)["data"]
        for reason in data["reasons"]:
            for ref in reason["event_ids"] if reason["rule"] == RULE else ():
                if (data["alert_id"], ref) not in seen:
                    seen.add((data["alert_id"], ref))
                    months[times[ref.partition("#")[2]][:7]] += 1
                    told.append(data | {"reason": reason})

    times: dict[str, str] = {}

    def shifted() -> Iterator[bytes]:
        for number, line in enumerate(lines(name)):
            event = json.loads(line)
            if number == 0:
                frame = {key: event[key] for key in ("specversion", "source", "time", "tenantid", "partitionkey")}
                yield json.dumps(frame | {"id": "policy", "type": "policy.update.v1", "data": policy}).encode()
            times[event["id"]] = event["time"]
            if shift_from and event["time"] >= shift_from:
                money = event["data"]["amount"]
                money["value"] = str((Decimal(money["value"]) * SHIFT).quantize(Decimal("0.01")))
                line = json.dumps(event).encode()
            yield line

    replay = Replay(take)
    replay.feed(name, shifted())
    replay.finish()
    return months, told


def budget() -> None:
    share, at = 0.01, "2016-07-01"
    print(f"\nFindings a month at a budget of {share:.0%} of the vendor payments; amounts +30 % from {at} on")
    for what, since in (("as they are", ""), ("shifted", at)):
        months, _ = findings("vendor", since, budget_share=share)
        print(f"{what:12}", " ".join(f"{month}:{n}" for month, n in sorted(months.items()) if month >= "2016-01"))


def show(count: int) -> None:
    _, told = findings("vendor")
    for one in told[:: max(len(told) // count, 1)][:count]:
        print(f"\n[{one['severity']} {one['score']}] {one['title']} · {one['subject'].get('display')}")
        print(f"  {one['reason']['text']}\n  {one['counterfactual']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", action="store_true", help="the budget before and after a shift, instead")
    parser.add_argument("--alerts", type=int, metavar="N", help="print N findings, instead")
    chosen = parser.parse_args()
    if not PAYMENTS.is_dir():
        print(f"no data at {PAYMENTS}: nothing to measure")
    elif chosen.budget:
        budget()
    elif chosen.alerts:
        show(chosen.alerts)
    else:
        for name in TARGETS:
            quality(name)


if __name__ == "__main__":
    main()
