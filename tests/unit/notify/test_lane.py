"""One endpoint's lane over a real store and receiver: order, how many at once, pauses, digests, giving up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from sluicegate.notify import retry
from sluicegate.notify.endpoints import Email, Endpoint, Webhook
from sluicegate.notify.figures import Figures
from sluicegate.notify.lane import Lane
from sluicegate.notify.mailing import EmailSender
from sluicegate.notify.posting import WebhookSender
from sluicegate.notify.rendering import Templates
from sluicegate.notify.revisions import Revision
from sluicegate.notify.sample import sample
from sluicegate.notify.senders import Sender
from sluicegate.notify.store import outbox
from sluicegate.notify.store.database import opened
from sluicegate.notify.store.replaying import Listed, Wanted, listed
from tests.streams.receivers import SECRET, Receiver, mail_server, receiver
from tests.unit.notify.made import revision


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second."""
    monkeypatch.setattr(retry, "_FIRST", 0.01)
    monkeypatch.setattr(retry, "_MOST", 0.05)
    monkeypatch.setenv("SIEM", SECRET)


def hook(to: Receiver, **more: Any) -> Webhook:
    given: dict[str, Any] = {
        "name": "siem",
        "url": f"{to.url}/x",
        "secret_env": ("SIEM",),
        "allow_private": True,
    } | more
    return Webhook(**given)


def delivered(
    folder: Path,
    endpoint: Endpoint,
    sender: Sender,
    revisions: list[Revision],
    done: Callable[[list[Listed]], bool],
    timeout: float = 10,
) -> tuple[list[Listed], Figures]:
    """What became of deliveries, once `done`; and the figures."""
    figures = Figures()
    with opened(f"sqlite:///{folder / 'lane.db'}") as engine, ThreadPoolExecutor(2) as threads:
        with engine.begin() as connection:
            outbox.enter(connection, revisions, [endpoint], time.time_ns() // 1000)

        async def run() -> None:
            lane = Lane(endpoint, sender, engine, threads, figures)
            task = asyncio.create_task(lane.run())
            deadline = time.monotonic() + timeout
            while not done(rows(engine)):
                assert time.monotonic() < deadline, rows(engine)
                assert not task.done(), task.result()
                await asyncio.sleep(0.02)
            task.cancel()
            await lane.finish(5)

        asyncio.run(run())
        return rows(engine), figures


def rows(engine: Engine) -> list[Listed]:
    with engine.connect() as connection:
        return listed(connection, Wanted(), 1000)


def settled(found: list[Listed]) -> bool:
    return all(row.state in ("sent", "dead") for row in found)


def value(figures: Figures, name: str, **labels: str) -> float:
    return figures.registry.get_sample_value(f"sluicegate_notify_{name}", labels) or 0.0


def test_revisions_keep_their_order_though_one_fails_and_many_go_at_once(tmp_path: Path) -> None:
    with receiver() as to:
        to.planned["/x"] = deque([200, 500, 503, 200, 500])
        endpoint = hook(to, concurrency=8)
        alerts = [revision(number, part) for number in range(6) for part in (1, 2, 3)]
        found, figures = delivered(tmp_path, endpoint, WebhookSender(endpoint), alerts, settled)
    assert {row.state for row in found} == {"sent"}
    assert sum(row.attempts for row in found) == len(to.got) == 18 + 3
    for number in range(6):
        good = [one.id for one in to.at("/x", status=200) if f"{number:032x}-" in one.id]
        assert good == [f"al_{number:032x}-{part}-siem" for part in (1, 2, 3)]
    assert value(figures, "attempts_total", kind="webhook", outcome="sent") == 18
    assert value(figures, "attempts_total", kind="webhook", outcome="failed") == 3
    assert value(figures, "deliveries_total", kind="webhook", outcome="sent") == 18
    assert value(figures, "attempt_seconds_count", kind="webhook") == 21


def test_no_more_at_once_and_a_minute_than_the_endpoint_may_get(tmp_path: Path) -> None:
    with receiver() as to:
        to.always["/x"] = 0.2
        endpoint = hook(to, concurrency=3, per_minute=100_000)
        began = time.monotonic()
        delivered(tmp_path, endpoint, WebhookSender(endpoint), [revision(n) for n in range(9)], settled)
        assert 0.6 <= time.monotonic() - began < 3
        to.always.clear()
        to.got.clear()
        slow = hook(to, name="slow", concurrency=8, per_minute=180)
        delivered(tmp_path, slow, WebhookSender(slow), [revision(n) for n in range(6)], settled)
        times = [one.at for one in to.got]
    assert times[2] - times[0] < 0.5  # those of one second at once
    assert times[5] - times[0] >= 0.9


def test_what_another_attempt_would_not_mend_is_dead_and_the_next_goes_on(tmp_path: Path) -> None:
    with receiver() as to:
        to.planned["/x"] = deque([400])
        endpoint = hook(to)
        alerts = [revision(1, 1), revision(1, 2)]
        found, figures = delivered(tmp_path, endpoint, WebhookSender(endpoint), alerts, settled)
    assert [(row.state, row.reason, row.attempts) for row in found] == [("dead", "answered 400", 1), ("sent", "", 1)]
    assert value(figures, "deliveries_total", kind="webhook", outcome="dead") == 1


@pytest.mark.parametrize(("limit", "attempts"), [({"give_up_attempts": 3}, 3), ({"give_up_hours": 0}, 1)])
def test_after_the_limit_it_is_dead_with_the_reason(tmp_path: Path, limit: dict[str, int], attempts: int) -> None:
    with receiver() as to:
        to.always["/x"] = 503
        endpoint = hook(to, **limit)
        found, _ = delivered(tmp_path, endpoint, WebhookSender(endpoint), [revision(1)], settled)
    assert [(row.state, row.reason, row.attempts) for row in found] == [("dead", "answered 503", attempts)]


def test_one_that_is_away_is_asked_by_one_at_a_time_and_then_gets_all(tmp_path: Path) -> None:
    with receiver() as to:
        to.planned["/x"] = deque([500] * 9)
        endpoint = hook(to, concurrency=4)
        alerts = [revision(number) for number in range(12)]
        found, _ = delivered(tmp_path, endpoint, WebhookSender(endpoint), alerts, settled)
        assert {row.state for row in found} == {"sent"}
        assert len(to.got) == 12 + 9


def test_it_waits_as_long_as_the_receiver_asks(tmp_path: Path) -> None:
    with receiver() as to:
        to.planned["/x"] = deque([(429, {"retry-after": "1"})])
        endpoint = hook(to, concurrency=1)
        delivered(tmp_path, endpoint, WebhookSender(endpoint), [revision(1), revision(2)], settled)
        times = [one.at for one in to.got]
    assert times[1] - times[0] >= 1.0
    assert len(times) == 3


def test_a_digest_holds_what_is_less_severe_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_MINUTE", 1000)  # a digest a millisecond
    with mail_server() as (box, port):
        endpoint = Email(
            name="desk",
            host="127.0.0.1",
            port=port,
            tls="none",
            allow_private=True,
            sender="a@b.example",
            to=("c@b.example",),
            digest_minutes=1,
        )
        sender = EmailSender(endpoint, Templates(endpoint, "", [sample()]))
        alerts = [
            revision(1),
            revision(2, severity="low"),
            revision(3, severity="medium"),
            revision(2, 2, severity="low"),
        ]
        found, figures = delivered(tmp_path, endpoint, sender, alerts, lambda held: settled(held[:1] + held[2:]))
    subjects = sorted(str(mail["subject"]) for mail in box.mails)
    assert [subject[:8] for subject in subjects] == ["2 alerts", "[HIGH] A"]
    assert [row.state for row in found] == ["sent", "superseded", "sent", "sent"]
    assert value(figures, "deliveries_total", kind="email", outcome="sent") == 3
