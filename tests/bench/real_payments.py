"""Real vendor payments, screened against the full OFAC names, through Kafka and a worker; then the log replayed.

Asserts: every record is accounted for; each dead letter has a reason and each payment without one was scored; replay of
each partition's exported log gives the alerts of the stream byte for byte.
"""

import csv
import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from tests.bench.harness import (
    PARTITIONS,
    Meter,
    Row,
    Usage,
    Verdict,
    Worker,
    arguments,
    at_work,
    headline,
    in_log,
    say,
    send_all,
    surroundings,
    table,
)
from tests.bench.logs import replayed, streamed
from tests.bench.ofac_names import SHARED, updates
from tests.streams.kafka import Kafka, Record
from tests.streams.trial import progress_of

PAYMENTS = SHARED / "data/payments/oxford-vendor-payments.csv.gz"
TENANT = "oxford"
_KEY = b"sluicegate-bench"


def payments(limit: int) -> Iterator[Row]:
    """The council's payments as `vendor.payment.v1`, a fifth of a second apart from eight in the morning on.

    A vendor's account is not public: each has one, made of its id.
    """
    with gzip.open(PAYMENTS, "rt", encoding="utf-8") as lines:
        day, position = "", 0
        for number, row in enumerate(islice(csv.DictReader(lines), limit or None)):
            day, position = row["date"], position + 1 if row["date"] == day else 0
            at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=8, seconds=position / 5)
            yield Row("vendor-payments", TENANT.encode(), json.dumps(_event(number, row, at)).encode())


def _event(number: int, row: dict[str, str], at: datetime) -> dict[str, object]:
    ledger = {"department": row["department"], "category": row["category"], "code": row["code"]}
    return {
        "specversion": "1.0",
        "id": f"payment-{number:06d}",
        "source": "/ap/oxford",
        "type": "vendor.payment.v1",
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "tenantid": TENANT,
        "data": {
            "payment_id": _hash("payment", f"{number}/{row['transaction']}"),
            "payee": {
                "payee_id": "V-" + _hash("vendor", row["vendor_id"]),
                "kind": "vendor",
                "name": row["vendor"],
                "entity_type": "organisation",
            },
            "account": {"fp": "a-" + _hash("account", row["vendor_id"]), "scheme": "uk_sort", "country": "GB"},
            "amount": {"value": f"{float(row['amount']):.2f}", "currency": "GBP"},
            "schedule": {"rail": "bacs"},
            "ledger": {name: text for name, text in ledger.items() if text},
        },
    }


def _hash(kind: str, text: str) -> str:
    return hashlib.blake2b(f"{kind}:{text}".encode(), key=_KEY, digest_size=8).hexdigest()


def stream(kafka: Kafka, worker: Worker, limit: int) -> tuple[int, Usage, Usage]:
    """List, then payments: how many payments, and the worker's usage for each of the two."""
    lists = [Row("sanctions", b"ofac-sdn", json.dumps(e, ensure_ascii=False).encode()) for e in updates()]
    meter = Meter(worker)
    send_all(kafka, lists)
    worker.until_worked(in_log(lists), 300)
    loading = meter.read()
    say(f"list loaded: {loading.wall:.1f} s")
    rows = list(payments(limit))
    meter = Meter(worker)
    sent = send_all(kafka, rows)
    worker.until_drained(kafka, sent + len(lists), 60 + len(rows) / 100)
    return sent, loading, meter.read()


def report_alerts(alerts: list[Record], sent: int) -> None:
    """Distinct alerts by rule and severity; an alert counts as its last revision says."""
    last = {record.json["data"]["alert_id"]: record.json["data"] for record in alerts}
    severities = ("critical", "high", "medium", "low")
    rules: Counter[tuple[str, str]] = Counter(
        (rule, alert["severity"]) for alert in last.values() for rule in {reason["rule"] for reason in alert["reasons"]}
    )
    every = Counter(alert["severity"] for alert in last.values())
    rows: list[list[str | int]] = [
        [rule, *(rules[rule, severity] for severity in severities), sum(rules[rule, s] for s in severities)]
        for rule in sorted({rule for rule, _ in rules})
    ]
    rows.append(["all (an alert may have several)", *(every[s] for s in severities), len(last)])
    table(
        [[*row, f"{int(row[-1]) / sent * 1000:.2f}"] for row in rows], ["alerts by rule", *severities, "all", "/1,000"]
    )
    print(f"{len(alerts)} revisions")


def main() -> int:
    options = arguments(__doc__, limit=(0, "payments; 0 is all of them"), keep=("", "folder for the exported logs"))
    headline("Real vendor payments with the full OFAC names")
    verdict = Verdict()
    with surroundings(options.broker, options.keep) as (kafka, folder):
        with at_work(Worker(kafka, folder)) as worker:
            sent, loading, paid = stream(kafka, worker, options.limit)
            peak = worker.peak_mib()
            worker.terminate()
        table(
            [
                ["OFAC list, parts × partitions", loading.records, loading.wall, loading.wall * 1e6 / loading.records,
                 loading.cpu_us],
                ["payments", sent, paid.wall, paid.wall * 1e6 / sent, paid.cpu * 1e6 / sent],
            ],
            ["through Kafka and one worker", "records", "wall s", "wall µs each", "worker CPU µs each"],
        )  # fmt: skip
        print(f"worker's peak memory: {peak:.0f} MiB")
        letters = Counter((r.json["reason"], r.json["detail"]["path"]) for r in kafka.read("dead-letters"))
        table([[reason, path, count] for (reason, path), count in sorted(letters.items())] or [["none", "", 0]],
              ["dead letters", "at", "records"])  # fmt: skip
        report_alerts(kafka.read("alerts", timeout=120), sent)
        print()
        progress = progress_of(kafka)
        log = kafka.end_offsets("events")
        verdict.check(
            all(p.balanced and p.following == log[n] for n, p in progress.items()) and len(progress) == PARTITIONS,
            "log records = applied + duplicates + repeated + dead letters + ticks, in each partition",
        )
        lists = sum(p.following for p in progress.values()) - sum(p.counts.ticks for p in progress.values())
        scored = sum(p.counts.applied for p in progress.values()) - loading.records
        verdict.check(
            scored + sum(letters.values()) == sent and all(reason for reason, _ in letters),
            f"{sent} payments = {scored} scored + {sum(letters.values())} dead letters, each with its reason"
            f" ({lists} log records)",
        )
        found = streamed(kafka)
        for number in range(PARTITIONS):
            again, lines = replayed(kafka, number, folder)
            count = sum(map(len, again.values()))
            same = dict(again) == dict(found[number])
            verdict.check(
                same, f"partition {number}: replay of {lines} exported records gives the same {count} revisions"
            )
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
