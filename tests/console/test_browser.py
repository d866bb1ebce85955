"""As an analyst works: a real browser, the real server, real Kafka, a real worker."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sluicegate.console.database import open_database
from tests.console import made
from tests.console.browsing import SLOW, signed_in, status, with_topics
from tests.console.server import ConsoleProcess, person
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

Start = Callable[..., ConsoleProcess]


def disposition_of(kafka: Kafka, seconds: float = 20) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = kafka.read("dispositions")
        if found:
            data: dict[str, Any] = found[-1].json["data"]
            return data
        time.sleep(0.2)
    raise AssertionError("no disposition came")


def shown(page: Page) -> list[str]:
    """Ids of the queue's lines, in order."""
    ids: list[str] = page.locator("tr[data-id]").evaluate_all("lines => lines.map(line => line.dataset.id)")
    return ids


@pytest.mark.timeout(240)
def test_from_event_to_verdict_by_keys_alone(kafka: Kafka, browser: Browser, console: Start, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        place = console(kafka.bootstrap, kafka.prefix)
        person(open_database(place.database), "ann")
        with signed_in(browser, place, "ann") as page:
            expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()
            kafka.send("vendor-payments", [made.payment(1), made.payment(2)], key="acme")
            expect(page.locator("#fresh")).to_be_visible(timeout=SLOW)
            assert page.title().startswith("(1) ")
            keys = page.keyboard
            keys.press("n")
            expect(page.locator("tr[data-id]")).to_have_count(1)
            assert page.title() == "Queue · Sluicegate"
            keys.press("a")
            expect(page.locator("[data-claimed]")).to_have_text(re.compile("ann|you"))
            keys.press("Enter")
            expect(page.get_by_role("heading", level=1)).to_have_text("An invoice seems to be paid twice")
            expect(page.get_by_text("Claimed by ann")).to_be_visible()
            keys.press("f")
            expect(page.locator("details[open] select[name=reason_code]")).to_be_focused()
            keys.press("ArrowDown")
            for _ in range(4):  # past the note, the rule and what it is about, to the days
                keys.press("Tab")
            keys.press("ArrowDown")
            keys.press("f")
            expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible(timeout=SLOW)
            said = disposition_of(kafka)
            assert (said["verdict"], said["reason_code"], said["by"]) == ("false_positive", "verified_documents", "ann")
            assert said["allow"]["pivot"] == {"kind": "payee", "value": "V3"}
            closed_and_allowed(kafka, page, place)


def closed_and_allowed(kafka: Kafka, page: Page, place: ConsoleProcess) -> None:
    """The stream closes the alert, and what follows is a suppressed signal."""
    page.goto(f"{place.url}/alerts?status=closed")
    deadline = time.monotonic() + 20
    while page.locator("tr[data-id]").count() == 0 and time.monotonic() < deadline:
        page.reload()
    expect(page.locator("tr[data-id]")).to_have_count(1)
    now = int(time.time())
    for number, at in ((3, now + 1), (4, now + 2)):  # after the verdict, and not at one instant
        instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        kafka.send("vendor-payments", [made.payment(number, invoice="INV-2") | {"time": instant}], key="acme")
    deadline = time.monotonic() + 20
    while not (signals := [one.json["data"] for one in kafka.read("signals") if one.json["data"]["suppression"]]):
        assert time.monotonic() < deadline, "no suppressed finding came"
        time.sleep(0.2)
    assert signals[0]["reasons"][0]["rule"] == "duplicate-invoice"


@pytest.mark.timeout(120)
def test_a_verdict_is_given_by_one_key_twice_and_taken_back_by_another(
    kafka: Kafka, browser: Browser, console: Start
) -> None:
    with_topics(kafka).send("alerts", [made.duplicate(payee=f"V{n}", number=n) for n in (1, 2)], key="acme")
    place = console(kafka.bootstrap, kafka.prefix, undo_seconds=20)
    person(open_database(place.database), "ann")
    with signed_in(browser, place, "ann") as page:
        expect(page.locator("tr[data-id], #fresh:not([hidden])").first).to_be_visible(timeout=SLOW)
        page.reload()
        first, second = shown(page)
        keys = page.keyboard
        for key in ("j", "Enter"):
            keys.press(key)
        page.get_by_role("heading", name="Decide").wait_for()
        assert page.url.endswith(first)
        keys.press("c")
        expect(page.locator("details[open] select[name=reason_code]")).to_be_focused()
        keys.press("c")
        page.wait_for_url(f"**/alerts/{second}?done=*")
        expect(page.locator("#undo")).to_contain_text("Confirmed")
        keys.press("u")
        page.wait_for_url(f"**/alerts/{first}")
        expect(page.locator(".said .tag")).to_have_text("undone")
        keys.press("q")
        expect(page.locator("tr[data-id]")).to_have_count(2)
        assert kafka.read("dispositions") == []


@pytest.mark.timeout(120)
def test_search_and_snooze_by_keys(kafka: Kafka, browser: Browser, console: Start) -> None:
    with_topics(kafka).send("alerts", [made.duplicate(payee=f"V{n}", number=n) for n in (1, 2, 3)], key="acme")
    place = console(kafka.bootstrap, kafka.prefix)
    person(open_database(place.database), "ann")
    with signed_in(browser, place, "ann") as page:
        expect(page.locator("tr[data-id], #fresh:not([hidden])").first).to_be_visible(timeout=SLOW)
        keys = page.keyboard
        keys.press("/")
        expect(page.locator("#search")).to_be_focused()
        keys.type("v2")
        keys.press("Enter")
        expect(page.locator("tr[data-id]")).to_have_count(1)
        assert "v2" not in page.url.lower()
        keys.press("j")
        keys.press("Enter")
        page.get_by_role("heading", name="Decide").wait_for()
        keys.press("z")
        expect(page.locator("details[open] select[name=days]")).to_be_focused()
        keys.press("ArrowDown")
        keys.press("Tab")
        keys.type("asked the vendor")
        keys.press("Control+Enter")
        expect(page.get_by_text("Nothing fits this filter.")).to_be_visible()
        page.goto(f"{place.url}/snoozes")
        expect(page.locator("tbody tr")).to_contain_text("asked the vendor")
        page.get_by_role("button", name="End it").press("Enter")
        expect(page.get_by_text("Nothing is snoozed.")).to_be_visible()
        page.goto(f"{place.url}/alerts")
        expect(page.locator("tr[data-id]")).to_have_count(3)


@pytest.mark.timeout(120)
def test_two_people_want_the_same_alert(kafka: Kafka, browser: Browser, console: Start) -> None:
    with_topics(kafka).send("alerts", [made.duplicate()], key="acme")
    place = console(kafka.bootstrap, kafka.prefix)
    engine = open_database(place.database)
    person(engine, "ann")
    person(engine, "bob")
    refused = [status(409)]
    with signed_in(browser, place, "ann") as one, signed_in(browser, place, "bob", expected=refused) as two:
        for page in (one, two):
            expect(page.locator("tr[data-id], #fresh:not([hidden])").first).to_be_visible(timeout=SLOW)
            page.reload()
            page.locator("[data-open]").click()
            page.get_by_role("heading", name="Decide").wait_for()
            expect(page.locator("#live")).to_have_text("live")
        one.keyboard.press("a")
        expect(one.get_by_text("Claimed by ann")).to_be_visible()
        expect(two.locator("#changed")).to_be_visible()
        with two.expect_response(lambda answer: answer.request.method == "POST") as answered:
            two.keyboard.press("a")
        assert answered.value.status == 409
        expect(two.get_by_role("alert")).to_contain_text("claimed by ann")


@pytest.mark.timeout(120)
def test_a_killed_console_comes_back_and_the_page_misses_nothing(
    kafka: Kafka, browser: Browser, console: Start
) -> None:
    with_topics(kafka).send("alerts", [made.duplicate(payee=f"V{n}", number=n) for n in range(1, 6)], key="acme")
    place = console(kafka.bootstrap, kafka.prefix)
    person(open_database(place.database), "ann")
    gone = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET"]
    with signed_in(browser, place, "ann", expected=gone) as page:
        expect(page.locator("[data-count=high]")).to_have_text("5", timeout=SLOW)
        page.reload()
        before = shown(page)
        assert len(before) == 5
        place.kill()
        expect(page.locator("#live")).to_have_text("reconnecting", timeout=SLOW)
        kafka.send("alerts", [made.duplicate(payee="V9", number=9)], key="acme")
        place.start()
        expect(page.locator("#fresh-count")).to_have_text("1", timeout=SLOW)
        expect(page.locator("#live")).to_have_text("live")
        page.reload()
        after = shown(page)
        assert [id for id in after if id in before] == before
        assert len(after) == 6


@pytest.mark.timeout(120)
def test_two_hundred_alerts_at_once(kafka: Kafka, browser: Browser, console: Start) -> None:
    place = console(kafka.bootstrap, with_topics(kafka).prefix)
    person(open_database(place.database), "ann")
    with signed_in(browser, place, "ann") as page:
        kafka.send("alerts", [made.duplicate(payee=f"V{n}", number=n) for n in range(1, 201)], key="acme")
        expect(page.locator("#fresh-count")).to_have_text("200", timeout=SLOW)
        expect(page.locator("[data-count=high]")).to_have_text("200")
        page.keyboard.press("n")
        expect(page.locator("tr[data-id]")).to_have_count(50)
        seen = shown(page)
        while (further := page.locator("a[rel=next]")).count():
            further.click()
            page.wait_for_load_state()
            seen += shown(page)
        assert len(seen) == len(set(seen)) == 200
