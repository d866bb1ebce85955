"""A backtest of changed thresholds on real vendor payments: what it says, how long it takes, how much memory it needs.

Then on the labelled stream, with the labels as verdicts: an alert on an anomalous payment is confirmed, any other a
false positive. Asserts: one process gives the same bytes as several; every alert of the past has its verdict.
"""

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from tests.bench.harness import Verdict, headline
from tests.bench.real_payments import PAYMENTS, payments

LABELLED = PAYMENTS.with_name("vendor-labelled.events.jsonl.gz")
LABELS = PAYMENTS.with_name("vendor-labelled.labels.csv")
CHANGE = ("lookalike-vendor.similarity=0.95", "dormant-vendor.amount_ratio=3")


def sluicegate(*arguments: object) -> str:
    """Run the command line; what it prints is also said here."""
    words = [str(Path(sys.executable).with_name("sluicegate")), *map(str, arguments)]
    run = subprocess.run(words, capture_output=True, text=True, check=True, timeout=1800)
    print(run.stdout + run.stderr)
    return run.stdout


def backtest(events: Path, out: Path, change: Iterable[str], *more: object) -> None:
    rules = [part for setting in change for part in ("--rules", setting)]
    began, spent = time.perf_counter(), _cpu()
    sluicegate("backtest", *rules, "--json", out, *more, events)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    wall = time.perf_counter() - began
    print(f"wall: {wall:.1f} s; CPU: {_cpu() - spent:.1f} s; largest process so far: {peak:.0f} MiB\n")


def _cpu() -> float:
    """Seconds that the processes begun here have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def verdicts(alerts: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A disposition per alert, a moment after the last payment: do the labels say that its events are anomalous?"""
    with LABELS.open() as rows:
        wrong = {row.split(",")[0] for row in rows if not row.startswith("#") and row.strip().split(",")[1] != "0"}
    last = {alert["alert_id"]: alert for alert in alerts}
    for id, alert in last.items():
        told = {event.rpartition("#")[2] for reason in alert["reasons"] for event in reason["event_ids"]}
        verdict = "confirmed" if told & wrong else "false_positive"
        yield json.dumps(
            {
                "specversion": "1.0", "id": f"verdict-{id}", "source": "/labels", "type": "disposition.v1",
                "time": "2019-01-01T00:00:00Z", "tenantid": alert["tenant_id"],
                "data": {"alert_id": id, "verdict": verdict, "by": "labels", "at": "2019-01-01T00:00:00Z"},
            }
        ).encode()  # fmt: skip


def judged(folder: Path) -> Path:
    """The labelled events with a verdict on every alert that they give now."""
    alerts, events = folder / "alerts.jsonl", folder / "labelled.jsonl"
    sluicegate("replay", LABELLED, "--alerts", alerts)
    told = [json.loads(line)["data"] for line in alerts.read_bytes().splitlines()]
    events.write_bytes(gzip.decompress(LABELLED.read_bytes()) + b"\n".join(verdicts(told)) + b"\n")
    return events


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=0, help="payments; 0 is all of them")
    parser.add_argument("--rules", nargs="*", default=CHANGE, metavar="SET", help="the change")
    options = parser.parse_args()
    if not PAYMENTS.exists():
        print(f"skipped: {PAYMENTS} is absent")
        return 0
    headline("Backtest of changed thresholds on real vendor payments")
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as temporary:
        folder = Path(temporary)
        events = folder / "events.jsonl"
        events.write_bytes(b"".join(row.value + b"\n" for row in payments(options.limit)))
        backtest(events, folder / "several.json", options.rules)
        backtest(events, folder / "one.json", options.rules, "--jobs", 1, "--examples", 0)
        found = [json.loads((folder / name).read_bytes())["comparison"] for name in ("several.json", "one.json")]
        for one in found:
            one.pop("just_silent"), one.pop("just_kept")
        verdict.check(found[0] == found[1], "one process gives the same comparison as several")
        backtest(judged(folder), folder / "labelled.json", options.rules)
        before = json.loads((folder / "labelled.json").read_bytes())["comparison"]["before"]
        verdict.check(before["judged"]["open"] == 0, f"all {before['alerts']} alerts of the past have their verdicts")
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
