"""The starter list on its way into the stream: a sound event, and a failure that stops nothing."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka.errors import TopicAuthorizationFailedError

from sluicegate import starter
from sluicegate.screening.lists.starter import STARTER, VERSION
from sluicegate.settings import Settings
from sluicegate.topics import Admin
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import SanctionsUpdate


def test_event_keeps_the_contract_and_holds_the_list() -> None:
    event = decode(starter.event(), topic="sanctions", arrival_ms=1_800_000_000_000)
    assert isinstance(event, Event)
    assert isinstance(event.data, SanctionsUpdate)
    assert (event.tenant, event.data.list, event.data.version) == ("*", "starter", VERSION)
    assert (event.data.add, event.data.mode) == (STARTER, "snapshot")
    assert VERSION.startswith("2025-08-27")
    assert event.time == int(event.data.published_at) == 1_756_252_800_000_000


def test_event_is_the_same_every_time() -> None:
    assert starter.event() == starter.event()


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    monkeypatch.setattr(starter, "_used", lambda *_: False)
    return cast("Admin", SimpleNamespace())


def test_refused_list_is_logged_with_what_to_do(
    admin: Admin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise TopicAuthorizationFailedError("eu.sanctions")

    monkeypatch.setattr(starter, "_send", refuse)
    assert starter.publish_starter(admin, Settings(topic_prefix="eu.")) is False
    [line] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "eu.sanctions (TopicAuthorizationFailedError)" in line
    assert "sluicegate lists update" in line
