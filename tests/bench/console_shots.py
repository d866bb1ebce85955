"""Screenshots of the console over a stream of generated payments, to be looked at.

    python -m tests.bench.console_shots FOLDER [--tenants N] [--seed N] [--only TEXT]

The real core judges the stream and the real server shows it; Kafka is not needed, so the pages say "reconnecting" where
they would read it. Wide (1280 px) and narrow (390 px), light and dark.
"""

import argparse
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import Engine

from sluicegate.console.people import Person
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.store import activity, alerts, news, outbox, queue, verdicts
from sluicegate.console.tables import alert
from sluicegate.detection.log import Output
from sluicegate.generate.stream import Generator
from sluicegate.replay import Replay
from sluicegate.wire.scalars import parse_time
from tests.console.conftest import CHROMIUM
from tests.console.server import PASSWORD, ConsoleProcess, opened, person

WIDTHS = {"wide": 1280, "narrow": 390}
_DAY = 86_400_000_000


def fill(engine: Engine, tenants: int, seed: int, now: int) -> list[dict[str, Any]]:
    """Five months of some tenants, judged and entered; the data of the last revision of each alert."""
    found: dict[str, list[bytes]] = {"alerts": [], "signals": []}

    def emit(output: Output) -> None:
        if output.topic in found:
            found[output.topic].append(output.value)

    rules = {"unusual-payment": {"params": {"warm_up": 152}}}
    generator = Generator(seed, start=now, tenants=tenants, scheme_share=0.01, verdict_share=0.0, rules=rules)
    events = [event.value for event in generator.history()]
    replay = Replay(emit)
    replay.feed("events.jsonl", events)
    happenings = [activity.read(value, 0, at) for at, value in enumerate(events)]
    lists = [news.read_list(value) for value in events]
    signals = [news.read_signal(value) for value in found["signals"]]
    last: dict[str, dict[str, Any]] = {}
    with engine.begin() as connection:
        for value in found["alerts"]:
            data = msgspec.json.decode(value)["data"]
            last[data["alert_id"]] = data
            revision = alerts.decode(value, parse_time(data["created_at"]) or 0)
            alerts.take(connection, [revision] if revision is not None else [], now)
        activity.take(connection, [one for one in happenings if one is not None])
        news.take_lists(connection, [one for one in lists if one is not None])
        news.take_signals(connection, [one for one in signals if one is not None])
    return list(last.values())


def decide(engine: Engine, by: Person, now: int) -> None:
    """Verdicts on two of three alerts, a while after each came."""
    rng = Random(1)
    settings = ConsoleSettings(second_person=False)
    with engine.begin() as connection:
        rows = queue.page(connection, by, queue.Filter(), size=500).rows
        for row in rows:
            if rng.random() < 0.35:
                continue
            verdict = rng.choice(["confirmed", "confirmed", "confirmed", "false_positive", "benign", "escalated"])
            reason = verdicts.REASONS[verdict][0]  # type: ignore[index]
            decision = verdicts.Decision(verdict, reason)  # type: ignore[arg-type]
            at = min(now, row.opened_at + int(_DAY * rng.expovariate(2 * (5 - row.urgency))))
            verdicts.decide(connection, by, row.alert_id, decision, at, settings)
        outbox.sent(connection, [one[0] for one in outbox.due(connection, now + _DAY, 10_000)], now)
        for row in queue.page(connection, by, queue.Filter(), size=9).rows[::4]:
            verdicts.take_over(connection, by, row.alert_id, now - 600_000_000, settings)


def chosen(data: list[dict[str, Any]]) -> dict[str, str]:
    """An alert of each rule: rule -> id."""
    found: dict[str, str] = {}
    for one in data:
        for reason in one["reasons"]:
            found.setdefault(reason["rule"], one["alert_id"])
    return found


def shoot(page: Page, folder: Path, name: str, url: str) -> None:
    page.goto(url)
    if name.startswith("deciding"):
        page.keyboard.press("f")
    if name.startswith("keys"):
        page.keyboard.press("?")
    page.wait_for_timeout(150)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        print(f"  {name}: {wide} px too wide")
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Screenshots of the console.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tenants", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="pages whose name has this")
    parser.add_argument("--keep", type=Path, help="database file to use again")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    now = time.time_ns() // 1000
    with tempfile.TemporaryDirectory() as temporary:
        place = asked.keep or Path(temporary) / "console.db"
        there = place.exists()
        engine = opened(f"sqlite:///{place}")
        if not there:
            ann = person(engine, "ann", "admin")
            person(engine, "bob", "analyst")
            fill(engine, asked.tenants, asked.seed, now)
            decide(engine, ann, now)
        with engine.connect() as connection:
            bodies = [
                msgspec.json.decode(body) for body in connection.scalars(alert.select().with_only_columns(alert.c.body))
            ]
        engine.dispose()
        console = ConsoleProcess(f"sqlite:///{place}", Path(temporary), "127.0.0.1:1").start()
        pages = {
            "queue": "/alerts",
            "insight": "/insight",
            "people": "/people",
            "trail": "/trail",
            "nothing": "/alerts?status=second",
        }
        pages["rule"] = "/rules/changed-account"
        pages |= {"keys": "/alerts", "deciding": f"/alerts/{bodies[0]['alert_id']}"}
        pages |= {f"alert-{rule}": f"/alerts/{id}" for rule, id in chosen(bodies).items()}
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                for width, pixels in WIDTHS.items():
                    for theme in ("light", "dark"):
                        context = browser.new_context(color_scheme=theme, viewport={"width": pixels, "height": 900})
                        page = context.new_page()
                        page.goto(console.url)
                        page.get_by_label("Name").fill("ann")
                        page.get_by_label("Password").fill(PASSWORD)
                        page.get_by_role("button", name="Sign in").click()
                        page.wait_for_url("**/alerts")
                        for name, path in pages.items():
                            shown = f"{name}-{width}-{theme}"
                            if asked.only in shown:
                                shoot(page, asked.folder, shown, console.url + path)
                        context.close()
                browser.close()
        finally:
            console.close()


if __name__ == "__main__":
    main()
