"""Where events go, and when."""

import json
from base64 import b64encode

import pytest

from sluicegate.cli.pace import Pace
from sluicegate.cli.routing import Route, exported, is_export, route
from sluicegate.wire.events import TYPES


@pytest.mark.parametrize("name", [name for name, kind in TYPES.items() if not kind.internal])
def test_every_input_type_has_its_topic(name: str) -> None:
    found = route(json.dumps({"type": name, "tenantid": "acme", "data": {"list": "ofac-sdn"}}).encode())
    assert found == Route(TYPES[name].topic, b"ofac-sdn" if TYPES[name].topic == "sanctions" else b"acme")


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"\xff", b'{"type":7}', b'{"tenantid":"a"}', b'{"type":"alert.v1"}', b'{"type":"clock.tick.v1"}'],
)
def test_what_has_no_topic_says_why(line: bytes) -> None:
    assert isinstance(route(line), str)


def test_list_without_a_name_and_event_without_tenant_go_without_key() -> None:
    assert route(b'{"type":"sanctions.update.v1","data":[]}') == Route("sanctions", None)
    assert route(b'{"type":"vendor.payment.v1"}') == Route("vendor-payments", None)


def test_exported_record_is_the_event_at_its_time() -> None:
    event = b'{"type":"vendor.payment.v1","tenantid":"acme"}'
    assert is_export(b'{"type":"log.export.v1","partition":0}')
    assert not is_export(event)
    assert not is_export(b"{")
    plain = b'{"offset":1,"timestamp":5,"value":' + event + b"}"
    coded = b'{"offset":1,"timestamp":5,"value_b64":"' + b64encode(event) + b'"}'
    assert exported(plain) == exported(coded) == Route("vendor-payments", b"acme", 5, event)
    assert exported(b'{"offset":1,"timestamp":5,"value":{"type":"clock.tick.v1"}}') is None
    assert exported(b'{"offset":1}') == "no record of an exported log"


def test_pace_that_is_late_catches_up_without_moving_the_schedule() -> None:
    clock = iter([10.0, 10.0, 13.0, 13.0, 13.0])
    slept: list[float] = []
    pace = Pace(1.0, now=clock.__next__, sleep=slept.append)
    assert [pace.next() for _ in range(4)] == [10.0, 11.0, 12.0, 13.0]
    assert slept == []


def test_pace_without_a_rate_never_waits() -> None:
    pace = Pace(None, now=lambda: 5.0, sleep=lambda seconds: pytest.fail(f"slept {seconds}"))
    assert [pace.next(), pace.next()] == [5.0, 5.0]
