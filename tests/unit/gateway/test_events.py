"""Bodies to records: what is forwarded is what was sent, and what is refused is named by index and path."""

import json
from typing import Any

import pytest

from sluicegate.gateway.events import BATCH, BATCH_EVENTS, EVENT_BYTES, Record, mode_of, read
from sluicegate.gateway.refusals import RefusedError
from sluicegate.gateway.tokens import Scope, Token
from sluicegate.wire.decode import Event, decode
from tests.streams import events

ARRIVAL = 4_000_000_000_000
STRUCTURED = [(b"content-type", b"application/cloudevents+json")]
BATCHED = [(b"content-type", BATCH.encode())]


def token(*scopes: Scope) -> Token:
    return Token(
        id="00000000", name="x", tenant="acme", scopes=scopes or ("events",), sha256="0" * 64, created="", expires=""
    )


def records(headers: list[tuple[bytes, bytes]], body: bytes, *scopes: Scope) -> list[Record]:
    return read(body, mode_of(headers), token(*scopes), ARRIVAL)


def refused(headers: list[tuple[bytes, bytes]], body: bytes, *scopes: Scope) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        records(headers, body, *scopes)
    return caught.value


def places(error: RefusedError) -> list[tuple[int, str]]:
    return [(fault.index, fault.path) for fault in error.faults]


def text(event: Any) -> bytes:
    return json.dumps(event).encode()


def test_one_event_goes_on_byte_for_byte() -> None:
    body = text(events.payment(value="100.10")).replace(b'"100.10"', b' "100.10"')
    assert records(STRUCTURED, body) == [Record("vendor.payment.v1", "vendor-payments", b"acme", body)]


def test_a_batch_goes_on_event_by_event_in_its_order() -> None:
    one, other = text(events.payment()), text(events.payment(kind="employee"))
    found = records(BATCHED, b" [ " + one + b" ,\n" + other + b" ] ")
    assert [(record.topic, record.value) for record in found] == [("vendor-payments", one), ("payroll-payments", other)]


def test_an_empty_batch_is_nothing_to_do() -> None:
    assert records(BATCHED, b"[]") == []


def test_binary_mode_gives_the_same_event_with_data_as_sent() -> None:
    event = events.payment(id_="ü 1")
    data = b'{ "payment_id":"P1",' + text(event["data"]).partition(b",")[2]
    headers = [
        (b"content-type", b"application/json; charset=UTF-8"),
        *(
            (f"ce-{name}".encode(), event[name].encode())
            for name in ("specversion", "source", "type", "time", "tenantid")
        ),
        (b"ce-id", b"%C3%BC%201"),
    ]
    (record,) = records(headers, data)
    assert data in record.value
    found = decode(record.value)
    assert isinstance(found, Event)
    assert (found.id, found.source) == ("ü 1", event["source"])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"application/json")],  # and no attributes
        [(b"content-type", b"text/plain"), (b"ce-specversion", b"1.0")],
        [(b"content-type", b"application/cloudevents+xml")],
        [(b"content-type", b"application/cloudevents+json; charset=latin-1")],
        [*STRUCTURED, (b"content-encoding", b"gzip")],
    ],
)
def test_other_kinds_of_content_are_refused(headers: list[tuple[bytes, bytes]]) -> None:
    assert refused(headers, b"{}").status == 415


def test_every_faulty_event_of_a_batch_is_named() -> None:
    late = events.payment() | {"time": "2026-06-11"}
    odd = events.payment()
    odd["data"]["amount"]["value"] = 12.5
    error = refused(BATCHED, text([events.payment(), late, odd, {}, 7]))
    assert error.status == 422
    assert places(error) == [(1, "/time"), (2, "/data/amount/value"), (3, "/specversion"), (4, "")]
    assert json.loads(error.body)["errors"][1]["path"] == "/data/amount/value"


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[}", b"\xff", b"[" * 100_000])
def test_a_batch_is_an_array(body: bytes) -> None:
    assert refused(BATCHED, body).status == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff", b'{"a":' * 100_000, b"\0\0\0\0\1{}"])
def test_a_single_event_is_an_object(body: bytes) -> None:
    error = refused(STRUCTURED, body)
    assert (error.status, places(error)) == (422, [(0, "")])


def test_another_tenant_is_refused() -> None:
    error = refused(BATCHED, text([events.payment("acme"), events.payment("beta"), {}]))
    assert error.status == 403
    assert places(error) == [(1, "/tenantid"), (2, "/specversion")]


@pytest.mark.parametrize(
    ("event", "scope"),
    [
        (events.payment(), "events"),
        (events.policy(), "policy"),
        (events.verdict("acme", "al_" + "0" * 32), "dispositions"),
    ],
)
def test_a_type_needs_its_scope(event: Any, scope: Scope) -> None:
    others: list[Scope] = [one for one in ("events", "policy", "dispositions", "runs") if one != scope]
    assert len(records(STRUCTURED, text(event), scope)) == 1
    error = refused(STRUCTURED, text(event), *others)
    assert (error.status, places(error)) == (403, [(0, "/type")])


def test_lists_and_internal_types_are_for_nobody() -> None:
    every: tuple[Scope, ...] = ("events", "policy", "dispositions", "runs")
    assert refused(STRUCTURED, text(events.list_part()), *every).status == 403
    tick = events.event("clock.tick.v1", "acme", {"at": "2026-06-11T09:00:00Z"})
    assert refused(STRUCTURED, text(tick), *every).status == 422


def test_sizes() -> None:
    event = events.payment()
    spare = EVENT_BYTES - len(text(event | {"subject": ""}))
    full, over = (text(event | {"subject": "x" * (spare + more)}) for more in (0, 1))
    assert len(records(STRUCTURED, full)) == 1
    assert refused(STRUCTURED, over).status == 413
    assert places(refused(BATCHED, b"[" + full + b"," + over + b"]")) == [(1, "")]
    many = text(event)
    assert len(records(BATCHED, b"[" + b",".join([many] * BATCH_EVENTS) + b"]")) == BATCH_EVENTS
    assert refused(BATCHED, b"[" + b",".join([many] * (BATCH_EVENTS + 1)) + b"]").status == 413


def test_an_event_of_the_day_after_tomorrow_is_refused() -> None:
    event = events.payment()
    body = text(event | {"time": "2001-01-03T00:00:00Z"})
    first = 978_307_200_000  # 2001-01-01
    with pytest.raises(RefusedError) as caught:
        read(body, mode_of(STRUCTURED), token(), first)
    assert places(caught.value) == [(0, "/time")]
