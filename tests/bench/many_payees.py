"""A million payees in one partition: memory, bytes each, time to recover the state, and what an event costs then.

Some payees are paid through detection until each has habits; their records, under new ids, make the others. The state
is then loaded as recovery loads it, without what reading it from Kafka adds: `tests.bench.recovery` measures that.
Records of the tenant as a whole, as the index of vendor names, stay as the paid ones left them.

Asserts that the same payments get the same scores with little state and with much.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.detection.codec import decode
from sluicegate.detection.partition import LogRecord, Outcome, Partition
from sluicegate.detection.records import PayeeRecord
from tests.bench.harness import headline, say, table

TENANT = "many"
PAID = 8
"""Payments to each payee before: weekly, in one currency, from two cost centres."""
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHECKPOINT = 500
Item = tuple[str, bytes]


def payment(number: int, payee: int, at: datetime, amount: float) -> LogRecord:
    data = {
        "payment_id": f"P-{number}",
        "payee": {"payee_id": f"V{payee:07d}", "kind": "vendor", "name": f"Supplier {payee:07d} Limited"},
        "account": {"fp": f"fp-{payee:07d}", "scheme": "us_aba", "country": "US"},
        "amount": {"value": f"{amount:.2f}", "currency": "USD"},
        "schedule": {"rail": "ach"},
        "ledger": {"department": f"D{payee % 20}", "category": f"C{(payee + number) % 2}"},
    }
    event = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/bench/many",
        "type": "vendor.payment.v1",
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "tenantid": TENANT,
        "data": data,
    }
    headers = (("sg-topic", b"vendor-payments"), ("sg-partition", b"0"), ("sg-offset", str(number).encode()))
    stamp = int(at.timestamp() * 1000)
    return LogRecord(number, stamp, TENANT.encode(), json.dumps(event).encode(), headers)


def past(payees: int, rng: random.Random) -> Iterator[LogRecord]:
    for number in range(payees * PAID):
        week, payee = divmod(number, payees)
        at = START + timedelta(weeks=week, seconds=payee)
        yield payment(number, payee, at, rng.lognormvariate(6 + payee % 10 / 5, 0.2))


def coming(payees: Sequence[int], first: int, rng: random.Random) -> list[LogRecord]:
    at = START + timedelta(weeks=PAID)
    return [
        payment(first + n, payee, at + timedelta(seconds=n), rng.lognormvariate(6 + payee % 10 / 5, 0.2))
        for n, payee in enumerate(payees)
    ]


class Worked(NamedTuple):
    us: list[float]
    """Processor time of each checkpoint, per event."""
    scores: list[float]


def work(partition: Partition, records: Iterable[LogRecord]) -> Worked:
    held = list(records)
    spent, scores = [], []
    for begin in range(0, len(held), CHECKPOINT):
        part = held[begin : begin + CHECKPOINT]
        start = time.process_time()
        run = partition.begin()
        outcomes = Counter(run.apply(record) for record in part)
        run.changes()
        run.merge()
        spent.append((time.process_time() - start) / len(part) * 1e6)
        if outcomes != {Outcome.APPLIED: len(part)}:
            raise ValueError(f"not all payments were applied: {outcomes}")
        scores += [json.loads(score)["score"] for score in run.scores]
    return Worked(spent, scores)


def copies(items: Sequence[Item], payees: int, wanted: int) -> Iterator[Item]:
    """All records; those of a payee, or of its account, once for every `payees`-th payee up to `wanted`."""
    for key, value in items:
        number = next((part for part in key.replace("fp-", "|V").split("|V") if part[:7].isdigit()), "")[:7]
        yield key, value
        if number:
            old = number.encode()
            for other in range(int(number) + payees, wanted, payees):
                new = f"{other:07d}"
                yield key.replace(number, new), value.replace(old, new.encode())


def resident() -> float:
    """MiB that this process occupies."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def loaded(items: Iterable[Item]) -> tuple[Partition, float]:
    """A partition with this state, and the processor seconds that took, without the time to make the items."""
    partition = Partition(keeps_scores=True)
    spent = 0.0
    batch: list[Item] = []

    def load() -> float:
        start = time.process_time()
        for key, value in batch:
            partition.load(key, value)
        return time.process_time() - start

    for item in items:
        batch.append(item)
        if len(batch) == 100_000:
            spent += load()
            batch.clear()
    spent += load()
    batch.clear()
    start = time.process_time()
    partition.ready()
    return partition, spent + time.process_time() - start


def anomaly_bytes(items: Iterable[Item]) -> list[int]:
    """What the anomaly part adds to each payee's record, keys included."""
    return [
        sum(2 + len(key) + len(held) for key, held in decode(PayeeRecord, value).habits.items())
        for key, value in items
        if key.split("|")[1] == PayeeRecord.KIND
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--payees", type=int, default=1_000_000, help="payees in all")
    parser.add_argument("--paid", type=int, default=2000, help="payees whose payments go through detection")
    parser.add_argument("--events", type=int, default=10_000, help="payments that are timed")
    options = parser.parse_args()
    headline(f"{options.payees:,} payees in one partition")
    gc.set_threshold(20_000, 5, 200)  # as the worker has it
    partition = Partition()
    partition.ready()
    work(partition, past(options.paid, random.Random(1)))
    items = list(partition.items())
    del partition
    say(f"{options.paid:,} payees paid {PAID} times each")
    rng = random.Random(2)
    each_once = rng.sample(range(options.paid), options.paid)
    of_few = each_once + rng.choices(range(options.paid), k=max(options.events - options.paid, 0))
    of_many = [payee + rng.randrange(options.payees // options.paid) * options.paid for payee in of_few]
    first = options.paid * PAID
    rows, scores = [], []
    sizes = anomaly_bytes(items)
    for name, payees, receivers in (("few", options.paid, of_few), ("many", options.payees, of_many)):
        gc.collect()
        before = resident()
        state, seconds = loaded(copies(items, options.paid, payees))
        gc.collect()
        gc.freeze()
        occupied = resident() - before
        kept = [
            (len(key) + len(value), key.split("|")[1])
            for tenant in (state.stores[TENANT],)
            for kind, held in tenant.records.items()
            for key, value in ((f"{TENANT}|{kind}|{id}", value) for id, value in held.items())
        ]
        count = sum(kind == PayeeRecord.KIND for _, kind in kept)
        total = sum(size for size, _ in kept)
        del kept
        events = coming(receivers, first, random.Random(3))
        worked = work(state, events)
        scores.append(worked.scores[: options.paid])
        ordered = sorted(worked.us)
        median, most = (f"{ordered[int(len(ordered) * share)]:.0f}" for share in (0.5, 0.9))
        sized = f"{total / count:,.0f}"
        rows.append([name, f"{count:,}", f"{occupied:,.0f}", sized, f"{seconds:.1f}", median, most])
        say(f"{name}: done, {resident():,.0f} MiB resident")
        del state, events
    head = ["state", "payees", "memory, MiB", "bytes/payee", "to recover, s", "µs/event, median", "90 %"]
    table(rows, head)
    print(f"anomaly part of a payee: {max(sizes)} bytes at most, {sum(sizes) / len(sizes):.0f} on average")
    same = scores[0] == scores[1]
    print(f"{len(scores[0]):,} payments scored {'the same' if same else 'DIFFERENTLY'} with both")
    return 0 if same and len(scores[0]) == options.paid and max(sizes) <= 256 else 1


if __name__ == "__main__":
    sys.exit(main())
