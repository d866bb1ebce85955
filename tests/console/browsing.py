"""A browser as somebody uses it: signed in, its complaints counted as faults."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from sluicegate.settings import Settings
from sluicegate.topics import Admin, ensure
from tests.console.server import PASSWORD, ConsoleProcess
from tests.streams.kafka import Kafka

SLOW = 20_000
"""Milliseconds that a page may take on a busy machine."""
expect.set_options(timeout=SLOW)
WIDE, NARROW = 1280, 390


@contextmanager
def signed_in(
    browser: Browser,
    console: ConsoleProcess,
    name: str,
    theme: str = "light",
    width: int = WIDE,
    expected: Sequence[str] = (),
) -> Iterator[Page]:
    """A browser of somebody's own; what its scripts complain of fails the test, but for what `expected` matches."""
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    context.set_default_timeout(SLOW)
    page = context.new_page()
    faults: list[str] = []

    def complained(said: ConsoleMessage) -> None:
        if said.type == "error" and not any(re.search(pattern, said.text) for pattern in expected):
            faults.append(said.text)

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", complained)
    try:
        page.goto(console.url)
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#live")).to_have_text("live", timeout=SLOW)
        yield page
    finally:
        context.close()
    assert faults == []


def status(code: int) -> str:
    """What Chromium says of a page that came with this status."""
    return f"the server responded with a status of {code} "


def with_topics(kafka: Kafka) -> Kafka:
    """The contract's topics, for a test without a worker."""
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix, partitions=2)
    with Admin(settings) as admin:
        ensure(admin, settings)
    return kafka


def axe(page: Page) -> list[dict[str, Any]]:
    """Accessibility faults of a page: what, and where."""
    found = Axe().run(page).response["violations"]
    return [{"what": one["help"], "where": [node["html"][:200] for node in one["nodes"]][:4],
             "why": [node["failureSummary"][:300] for node in one["nodes"]][:2]} for one in found]  # fmt: skip


def beside(page: Page) -> list[str]:
    """What can only be seen by scrolling sideways: the page as such, or controls that stand out of it."""
    found: list[str] = page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        const out = [...document.querySelectorAll("a, button, input, select, textarea, summary")]
            .filter((one) => one.checkVisibility() && !one.classList.contains("skip"))
            .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.left < -1 || box.right > width + 1))
            .map(([html]) => html);
        const over = document.documentElement.scrollWidth - width;
        return over > 0 ? [`${over} px`, ...out] : out;
    }""")
    return found
