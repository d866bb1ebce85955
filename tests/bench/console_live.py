"""From an event sent to its alert on the screen: real Kafka, a real worker, the real console, a real browser.

    python -m tests.bench.console_live [--alerts N] [--pause SECONDS]

One event at a time, so that the figure is the delay and not a queue. Prints milliseconds as JSON.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from sluicegate.embedded import EmbeddedKafka
from tests.console import made
from tests.console.browsing import signed_in
from tests.console.conftest import CHROMIUM
from tests.console.server import ConsoleProcess, opened, person
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

SHOWN = "count => document.querySelector('#fresh-count').textContent === count"


def measure(folder: Path, count: int, pause: float) -> list[float]:
    """Milliseconds, one an alert."""
    taken: list[float] = []
    with EmbeddedKafka() as broker, Kafka(broker.bootstrap) as kafka:
        worker = WorkerProcess(kafka, folder)
        with running(worker):
            worker.start().ready()
            url = f"sqlite:///{folder / 'console.db'}"
            engine = opened(url)
            person(engine, "ann")
            engine.dispose()
            console = ConsoleProcess(url, folder, kafka.bootstrap, kafka.prefix).start()
            try:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                    with signed_in(browser, console, "ann") as page:
                        for number in range(1, count + 1):
                            pair = [
                                made.payment(2 * number + at, payee=f"V{number}", invoice=f"INV-{number}")
                                | {"time": f"2026-06-{11 + at}T09:00:00Z"}
                                for at in (0, 1)
                            ]
                            kafka.send("vendor-payments", pair[:1], key="acme")
                            time.sleep(pause)
                            began = time.perf_counter()
                            kafka.send("vendor-payments", pair[1:], key="acme")
                            page.wait_for_function(SHOWN, arg=str(number), timeout=20_000)
                            taken.append(1000 * (time.perf_counter() - began))
                    browser.close()
            finally:
                console.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description="From an event sent to its alert on the screen.")
    parser.add_argument("--alerts", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        taken = sorted(measure(Path(folder), asked.alerts, asked.pause))
    at = {name: taken[min(len(taken) * share // 100, len(taken) - 1)] for name, share in (("p50", 50), ("p95", 95))}
    print(json.dumps({"alerts": len(taken)} | {name: round(ms, 1) for name, ms in (at | {"max": taken[-1]}).items()}))


if __name__ == "__main__":
    main()
