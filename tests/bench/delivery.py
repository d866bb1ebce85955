"""Delivery at full size: python -m tests.bench.delivery [--seed N] [--events N] [--kills N] …

200,000 events of 40 tenants over all source topics, two workers killed five times, a zombie, a third worker that joins
and leaves, and one restart of the broker; then every promise is checked record by record (tests/streams/trial.py).
Exit status 0 when all hold, 1 otherwise.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sluicegate.embedded import EmbeddedKafka
from tests.streams.kafka import Kafka
from tests.streams.trial import Plan, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rate", type=float, default=1200.0, help="events a second that are sent")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--no-zombie", action="store_true")
    parser.add_argument("--no-joiner", action="store_true")
    parser.add_argument("--no-broker-restart", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sluicegate-delivery-"))
    print(f"seed {options.seed}, logs in {folder}", flush=True)
    broker = EmbeddedKafka(folder / "kafka")
    broker.start()
    try:
        plan = Plan(
            seed=options.seed,
            events=options.events,
            rate=options.rate,
            kills=options.kills,
            scheme_share=0.02,
            zombie=not options.no_zombie,
            joiner=not options.no_joiner,
            restart_broker=None if options.no_broker_restart else broker.restart,
        )
        started = time.monotonic()
        with Kafka(broker.bootstrap) as kafka:
            findings = run(kafka, plan, folder, say=lambda line: print(line, flush=True))
    finally:
        broker.stop()
    for name, figure in findings.figures.items():
        print(f"{name:>34}: {figure}")
    print(f"{'whole trial, seconds':>34}: {time.monotonic() - started:.0f}")
    for fault in findings.faults:
        print(f"FAULT {fault}")
    print("exactly once" if not findings.faults else f"{len(findings.faults)} faults")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
