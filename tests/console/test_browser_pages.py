"""What holds for every page: no accessibility fault in either theme, and nothing to scroll to sideways."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from sluicegate.console.database import open_database
from sluicegate.console.tables import alert
from sluicegate.wire.canonical import canonical
from tests.console import made
from tests.console.browsing import NARROW, SLOW, WIDE, axe, beside, signed_in, status, with_topics
from tests.console.server import ConsoleProcess, person
from tests.streams.kafka import Kafka

Start = Callable[..., ConsoleProcess]


@pytest.fixture
def place(kafka: Kafka, console: Start) -> ConsoleProcess:
    """A console with some alerts, one of them claimed and one decided, and an admin."""
    pair = [made.payment(number, payee="VENDOR-WITH-AN-ID-AS-LONG-AS-THEY-COME-0000000000042") for number in (1, 2)]
    values = [made.duplicate(), *made.alerts(made.request(40)), *made.alerts(*pair)[:1]]
    with_topics(kafka).send("alerts", values, key="acme")
    kafka.send("events", [canonical(event) for event in (*pair, made.payment(2), made.payment(3))], key="acme")
    started = console(kafka.bootstrap, kafka.prefix)
    person(open_database(started.database), "root", "admin")
    return started


def every(page: Page, place: ConsoleProcess) -> Iterator[str]:
    """Open one page after the other; each one's name."""
    expect(page.locator("tr[data-id], #fresh:not([hidden])").first).to_be_visible(timeout=SLOW)
    engine = open_database(place.database)
    with engine.connect() as connection:
        ids = list(connection.scalars(select(alert.c.alert_id)))
    engine.dispose()
    paths = ["/alerts", "/alerts?status=snoozed", *(f"/alerts/{id}" for id in ids), "/insight", "/snoozes", "/trail"]
    for path in [*paths, "/people", "/rules/changed-account", "/nothing"]:
        page.goto(place.url + path)
        yield path
    page.goto(place.url + "/alerts")
    page.keyboard.press("?")
    yield "help"
    page.keyboard.press("Escape")
    page.locator("details.views summary").click()
    yield "views"
    page.locator("[data-tick]").first.check()
    page.locator("#bulk-button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 alerts at once")
    yield "bulk"
    page.goto(f"{place.url}/alerts/{ids[0]}")
    for part in page.locator("details").all():
        if not part.evaluate("part => part.name === 'verdict'"):
            part.locator("summary").click()
    page.keyboard.press("f")
    yield "verdict open"
    page.get_by_role("button", name="Show it as sent").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("An event as it was sent")
    yield "event"
    page.goto(f"{place.url}/alerts/{ids[0]}")
    page.keyboard.press("f")
    page.keyboard.press("f")
    page.wait_for_url("**done=*")
    yield "after a verdict"
    page.goto(f"{place.url}/alerts/{ids[0]}")
    yield "decided"
    page.get_by_role("button", name="sign out").click()
    page.wait_for_url("**/sign-in")
    yield "sign-in"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_an_accessibility_fault(place: ConsoleProcess, browser: Browser, theme: str) -> None:
    with signed_in(browser, place, "root", theme, expected=[status(404)]) as page:
        for name in every(page, place):
            faults = axe(page)
            assert faults == [], (name, json.dumps(faults, indent=1)[:3000])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_lies_beside_the_page(place: ConsoleProcess, browser: Browser, width: int) -> None:
    with signed_in(browser, place, "root", width=width, expected=[status(404)]) as page:
        for name in every(page, place):
            assert beside(page) == [], name
