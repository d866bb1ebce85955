"""Every panel's and every rule's expression, asked of a real Prometheus that scrapes the demo's processes under load.

    .venv/bin/python -m tests.bench.expressions [--rate 200] [--seconds 150]

Runs a broker, a worker and later a second one, the console, the lag exporter and the canary; made-up payments with
schemes and verdicts, records that are refused, a list. For each expression: how many series, lowest and highest value.
Fails when one is empty that should not be. Of an alert, comparisons with numbers are left out, so that data is proven
while all is well; what it selects must be there besides. Two minutes are enough: longer windows take what there is.
"""

import argparse
import json
import math
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

from deploy.grafana.rendered import FOLDER
from sluicegate.cli.demo_run import Feed
from sluicegate.cli.kafka import sender
from sluicegate.cli.prometheus_child import targets
from sluicegate.cli.stage import Stage, WorkerChild, stage
from sluicegate.generate.stream import Generator
from sluicegate.topics import name_of
from tests.bench.harness import say
from tests.bench.planted import Names, new_entries, update
from tests.bench.prometheus_server import PrometheusServer
from tests.deploy.exposed import asked
from tests.deploy.monitoring import rules

RIGHTLY_EMPTY = {
    "An alert of operations fires": "a mark: no alert need fire",
    "A rule was put in shadow": "a mark: no rule need trip",
}
"""What has no data while all is well, and why."""
_COMPARED = re.compile(r"\s*(?:[<>]=?|[!=]=)\s*(?:bool\s+)?-?\d[\d.]*(?:\s*\*\s*[\d.]+)*(?![\w.])")
_MATCHED = re.compile(r"\s(?:[<>]=?)\s*(?=on\b)")
_VARIABLE = re.compile(r"\$\{?(?!__)\w+\}?")
_RULES = {"unusual-payment": {"params": {"warm_up": 152}}}


class Expression(NamedTuple):
    """Something to ask: where it stands, its title, and the words."""

    place: str
    title: str
    text: str


class Answer(NamedTuple):
    """What came: series, and the lowest and highest value of them."""

    series: int
    lowest: float
    highest: float


def uncompared(text: str) -> str:
    """An alert's expression without its comparisons with numbers; those of two series become differences.

    >>> uncompared('max(a{le="2.0"}) > 14.4 * 0.01 and b >= 20 or c > on (list) d == 0')
    'max(a{le="2.0"}) and b or c - on (list) d'
    """
    return _MATCHED.sub(" - ", _COMPARED.sub("", text))


def of_panels() -> Iterator[Expression]:
    for file in sorted(FOLDER.glob("*.json")):
        board = json.loads(file.read_text())
        shown = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", ())]
        marks = [(mark["name"], mark["expr"]) for mark in board["annotations"]["list"]]
        for title, text in shown + marks:
            ready = _VARIABLE.sub(".*", text.replace("$__rate_interval", "1m").replace("$__interval_ms", "5000"))
            yield Expression(file.stem.removeprefix("sluicegate-"), title, ready)


def of_rules() -> Iterator[Expression]:
    for rule in rules():
        if "record" in rule:
            yield Expression("recorded", rule["record"], rule["expr"])
            continue
        yield Expression("alert", rule["alert"], uncompared(rule["expr"]))
        for name in sorted({one.name for one in asked(rule["expr"])}):
            yield Expression("alert selects", f"{rule['alert']}: {name}", name)


def ask(prometheus: PrometheusServer, text: str, began: float) -> Answer:
    """The values that a dashboard would draw since `began`; numbers only."""
    found = prometheus.query_range(text, began, time.time(), 5)
    values = [[value for _, value in pairs if math.isfinite(value)] for _, pairs in found]
    filled = [some for some in values if some]
    flat = [value for some in filled for value in some]
    return Answer(len(filled), min(flat, default=math.nan), max(flat, default=math.nan))


class Trouble(threading.Thread):
    """Once a second: some records that are refused, and somebody who opens pages of the console."""

    def __init__(self, place: Stage) -> None:
        super().__init__(daemon=True)
        self._place = place
        self.ended = threading.Event()

    def run(self) -> None:
        settings = self._place.settings
        with sender(settings) as out:
            while not self.ended.wait(1):
                for junk in (b"not json", b'{"specversion": "1.0"}'):
                    out.send(name_of("vendor-payments", settings), junk, b"somebody")
                self._look()

    def _look(self) -> None:
        shown = self._place.console
        assert shown is not None
        for page in ("", "api/v1/openapi.json"):
            try:
                urllib.request.urlopen(f"{shown.url}/{page}", timeout=2).close()
            except (urllib.error.URLError, OSError):
                return  # it is still starting


def load(place: Stage, prometheus: PrometheusServer, stack: ExitStack, rate: float, seconds: float) -> None:
    """History, live payments, a list, trouble; a second worker after a third of the time."""
    generator = Generator(5, start=int(time.time() * 1e6), tenants=6, rules=_RULES)
    feed = Feed(place.settings, generator, rate=rate, scheme_every=1)
    say(f"history: {feed.history():,} events")
    with sender(place.settings) as out:
        for event in update("ofac-sdn", "1", "snapshot", new_entries(Names(3), 300), 200):
            out.send(name_of("sanctions", place.settings), event, b"*")
    trouble = Trouble(place)
    stack.callback(trouble.ended.set)
    trouble.start()
    stack.callback(feed.stop)
    feed.start()
    time.sleep(seconds / 3)
    second = WorkerChild(place.settings, 1)
    stack.callback(second.stop)
    place.workers.append(second)
    prometheus.aim("sluicegate-worker", targets(place)["sluicegate-worker"])
    second.wait_ready()
    time.sleep(2 * seconds / 3)
    place.check()
    feed.check()
    say(f"live: {feed.sent_live:,} events, {len(feed.schemes)} schemes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200.0, help="live events a second")
    parser.add_argument("--seconds", type=float, default=150.0, help="of live events")
    options = parser.parse_args()
    empty = []
    with ExitStack() as stack:
        place = stack.enter_context(stage(None, say, prefix="asked.", console=True, operations=True))
        began = time.time()
        prometheus = stack.enter_context(PrometheusServer(targets(place), scrape_seconds=1))
        load(place, prometheus, stack, options.rate, options.seconds)
        for one in (*of_panels(), *of_rules()):
            answer = ask(prometheus, one.text, began)
            say(f"{one.place:14} {answer.series:4}  {answer.lowest:>10.4g} {answer.highest:>10.4g}  {one.title}")
            if not answer.series and one.title not in RIGHTLY_EMPTY:
                empty.append(one)
        broken = [rule for rule in prometheus.rules() if rule["health"] != "ok"]
        say(f"targets: {prometheus.targets()}; firing: {sorted(prometheus.firing())}")
    for one in empty:
        say(f"EMPTY {one.place}: {one.title}: {one.text}")
    for rule in broken:
        say(f"BROKEN {rule['name']}: {rule.get('lastError')}")
    say(f"{len(empty)} expressions are empty, {len(broken)} rules do not evaluate")
    return 1 if empty or broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
