"""From an event sent to its alert on an analyst's screen: real Kafka, a real worker, the console, a real browser.

    python -m tests.bench.console_latency [--alerts 200] [--rate 5]

The browser shows the queue; an alert is on the screen when the banner "N new" has been drawn with it counted.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from sluicegate.embedded import EmbeddedKafka
from sluicegate.wire.scalars import format_time
from tests.bench.harness import Worker, percentile
from tests.console import made
from tests.console.conftest import CHROMIUM
from tests.console.server import PASSWORD, ConsoleProcess, opened, person
from tests.streams.kafka import Kafka
from tests.streams.workers import running

_DEMANDED = 2.0
"""Seconds, p95."""
_WATCH = """
() => {
  window.drawn = [];
  const count = document.querySelector("#fresh-count");
  new MutationObserver(() => requestAnimationFrame(() => {
    window.drawn.push([Number(count.textContent), Date.now()]);
  })).observe(count, { childList: true, characterData: true, subtree: true });
}
"""


def measured(kafka: Kafka, folder: Path, alerts: int, rate: float) -> list[float]:
    """Seconds from each event's sending to its alert on the screen, ascending; alerts that never came are missing."""
    worker = Worker(kafka, folder)
    console = ConsoleProcess(f"sqlite:///{folder / 'console.db'}", folder, kafka.bootstrap, kafka.prefix)
    with running(worker), sync_playwright() as playwright:
        try:
            worker.start().ready()
            console.start()
            person(opened(console.database), "ann")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"{console.url}/sign-in")
            page.get_by_label("Name").fill("ann")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_selector('#live[data-state="on"]', timeout=30_000)
            page.evaluate(_WATCH)
            sent = []
            began = time.time()
            for number in range(alerts):
                time.sleep(max(0.0, began + number / rate - time.time()))
                event = made.request(number, "acme", f"C{number}", wallet=f"0x{number + 1:040x}")
                now = time.time()
                event["time"] = format_time(int(now * 1e6))
                sent.append(now)
                kafka.send("payout-requests", [event], key="acme")
            page.wait_for_timeout(5_000)
            drawn = [(int(count), at / 1000) for count, at in page.evaluate("() => window.drawn")]
            browser.close()
        finally:
            console.close()
    found = []
    for number, at in enumerate(sent, 1):
        shown = [moment for count, moment in drawn if count >= number]
        found += [min(shown) - at] if shown else []
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5.0, help="events a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedKafka() as embedded, Kafka(embedded.bootstrap, "") as kafka:
        taken = measured(kafka, Path(folder), given.alerts, given.rate)
    told = {"alerts": given.alerts, "on the screen": len(taken)} | {
        f"p{100 * share:g} ms": round(percentile(taken, share) * 1000) for share in (0.5, 0.95, 1.0)
    }
    print(json.dumps(told))
    if len(taken) < given.alerts or percentile(taken, 0.95) > _DEMANDED:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
