"""The gateway against the real Kafka, over real HTTP: 202 means that Kafka holds it, whatever happens."""

import asyncio
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.certificates import Authority
from sluicegate.settings import Settings
from sluicegate.topics import Admin, ensure
from tests.streams import events
from tests.streams.gateways import BATCH, STRUCTURED, GatewayProcess, Senders, held
from tests.streams.kafka import Kafka
from tests.streams.workers import running


def make_topics(kafka: Kafka) -> None:
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix, partitions=2)
    with Admin(settings) as admin:
        ensure(admin, settings)


@pytest.fixture(scope="module")
def shared_kafka(broker: str) -> Iterator[Kafka]:
    with Kafka(broker) as view:
        make_topics(view)
        yield view


@pytest.fixture(scope="module")
def gateway(shared_kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """One gateway for the tests that do it no harm; its limits are the least there are."""
    process = GatewayProcess(
        shared_kafka,
        tmp_path_factory.mktemp("gateway"),
        in_flight_bytes=12 << 20,
        tenant_in_flight_bytes=8 << 20,
        failures_per_minute=5,
        header_timeout_seconds=0.5,
        body_timeout_seconds=1.0,
    )
    with running(process):
        yield process.start().ready()


@pytest.fixture(scope="module")
def client(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {gateway.token('acme')}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=20) as made:
        yield made


def post(client: httpx.Client, kind: str, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/events", content=content, headers={"content-type": kind})


def test_one_event_is_on_its_topic_when_202_comes(client: httpx.Client, shared_kafka: Kafka) -> None:
    event = events.payment()
    answer = post(client, STRUCTURED, event)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (record,) = [one for one in shared_kafka.read("vendor-payments") if one.json["id"] == event["id"]]
    assert (record.key, record.value) == (b"acme", json.dumps(event).encode())
    assert abs(record.timestamp - time.time() * 1000) < 20_000


def test_a_batch_goes_to_the_topics_of_its_types(client: httpx.Client, shared_kafka: Kafka) -> None:
    sent = [events.payment(kind="employee" if number % 2 else "vendor") for number in range(100)]
    assert post(client, BATCH, sent).json() == {"accepted": 100}
    for topic, kind in (("payroll-payments", "payroll.payment.v1"), ("vendor-payments", "vendor.payment.v1")):
        wanted = {event["id"] for event in sent if event["type"] == kind}
        assert wanted <= held(shared_kafka, topic).keys()


def test_binary_mode(client: httpx.Client, shared_kafka: Kafka) -> None:
    event = events.payment()
    data = event.pop("data")
    headers = {f"ce-{name}": value for name, value in event.items()} | {"content-type": "application/json"}
    assert client.post("/v1/events", json=data, headers=headers).status_code == 202
    (record,) = [one for one in shared_kafka.read("vendor-payments") if one.json["id"] == event["id"]]
    assert record.json == event | {"data": data, "datacontenttype": "application/json"}


def test_a_batch_with_one_fault_writes_nothing_and_names_the_place(client: httpx.Client, shared_kafka: Kafka) -> None:
    sound, faulty = events.payment(), events.payment()
    del faulty["data"]["account"]["fp"]
    answer = post(client, BATCH, [sound, faulty])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["index"], error["path"]) == (1, "/data/account/fp")
    assert sound["id"] not in held(shared_kafka)


def test_who_is_let_in(client: httpx.Client, gateway: GatewayProcess) -> None:
    body = json.dumps(events.payment("beta")).encode()
    assert post(client, STRUCTURED, body).status_code == 403
    token = gateway.token("beta")
    mine = {"authorization": f"Bearer {token}"}
    assert client.post("/v1/events", content=body, headers=mine | {"content-type": STRUCTURED}).status_code == 202
    assert client.get("/v1/runs/R1", headers=mine).status_code == 403
    gateway.tokens.revoke(token.split("_")[1])
    refused = [client.get("/v1/nothing", headers=mine) for _ in range(7)]
    assert [one.status_code for one in refused] == [401] * 5 + [429] * 2
    assert refused[0].headers["www-authenticate"].startswith("Bearer")
    assert "retry-after" in refused[-1].headers
    # the same words whatever was wrong, and a good token is let in all the same
    assert client.get("/v1/nothing", headers={"authorization": "Basic x"}).status_code == 429
    assert client.get("/v1/nothing").status_code == 404
    assert token not in gateway.text()


def test_runs_are_announced_and_shown(client: httpx.Client, gateway: GatewayProcess, shared_kafka: Kafka) -> None:
    mine = {"authorization": f"Bearer {gateway.token('acme', 'runs')}"}
    told = {"payments": 1, "totals": [{"value": "100.00", "currency": "USD"}]}
    assert client.put("/v1/runs/R-1", json=told, headers=mine).status_code == 202
    (record,) = [one for one in shared_kafka.read("runs") if one.json["data"]["run_id"] == "R-1"]
    assert (record.key, record.json["tenantid"]) == (b"acme", "acme")
    deadline = time.monotonic() + 15
    while (shown := client.get("/v1/runs/R-1", headers=mine)).status_code != 200:
        assert time.monotonic() < deadline, shown.text
        time.sleep(0.1)
    assert (shown.json()["status"], shown.json()["waiting"]) == ("open", 1)
    assert "sluicegate_clearance_waiting_payments 1.0" in gateway.get("metrics")[1]


def test_other_addresses_and_methods(client: httpx.Client) -> None:
    assert client.get("/openapi.json", headers={"authorization": ""}).json()["openapi"] == "3.1.0"
    assert client.get("/v1/events").status_code == 405
    assert client.get("/").json()["status"] == 404


def raw(gateway: GatewayProcess, *parts: bytes, pause: float = 0, timeout: float = 10) -> bytes:
    """What comes back over a plain socket until the other side closes it."""
    with closing(socket.create_connection(("127.0.0.1", gateway.http_port), timeout)) as line:
        for part in parts:
            try:
                line.sendall(part)
            except OSError:
                break
            time.sleep(pause)
        return b"".join(iter(lambda: line.recv(65536), b""))


def head(gateway: GatewayProcess, *more: str, kind: str = BATCH) -> bytes:
    lines = ["POST /v1/events HTTP/1.1", "host: g", f"authorization: Bearer {gateway.token()}", f"content-type: {kind}"]
    return "\r\n".join([*lines, "connection: close", *more, "", ""]).encode()


def test_bodies_that_are_too_large_are_refused_before_they_are_read(gateway: GatewayProcess) -> None:
    announced = raw(gateway, head(gateway, f"content-length: {9 << 20}", "expect: 100-continue"))
    assert announced.startswith(b"HTTP/1.1 413")
    chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    chunked = raw(gateway, head(gateway, "transfer-encoding: chunked"), *[chunk] * 40)
    assert chunked.startswith(b"HTTP/1.1 413")
    single = raw(gateway, head(gateway, f"content-length: {2 << 20}", kind=STRUCTURED), b" " * (2 << 20))
    assert single.startswith(b"HTTP/1.1 413")
    assert gateway.metric("sluicegate_gateway_in_flight_bytes") == 0


def test_slow_senders_are_not_waited_for(gateway: GatewayProcess) -> None:
    began = time.monotonic()
    assert raw(gateway, b"POST /v1/events HTT") == b""
    assert raw(gateway) == b""
    assert time.monotonic() - began < 4
    slow = raw(gateway, head(gateway, "content-length: 100"), b"[")
    assert slow.startswith(b"HTTP/1.1 408")
    endless = raw(gateway, b"GET / HTTP/1.1\r\n", *[b"x: " + b"y" * 8000 + b"\r\n"] * 20)
    assert not endless.startswith(b"HTTP/1.1 2")


def test_too_much_at_once_is_sent_away_by_tenant_and_in_all(gateway: GatewayProcess, client: httpx.Client) -> None:
    with ExitStack() as stack:

        def hold(tenant: str) -> None:
            """A request of 7 MiB whose body is yet to come."""
            line = stack.enter_context(closing(socket.create_connection(("127.0.0.1", gateway.http_port))))
            begun = head(gateway, f"content-length: {7 << 20}").decode()
            mine = gateway.token(tenant)
            lines = [f"authorization: Bearer {mine}" if "authorization" in one else one for one in begun.split("\r\n")]
            line.sendall("\r\n".join(lines).encode())

        def busy(size: int) -> httpx.Response:
            return post(client, BATCH, b" " * size)

        hold("acme")
        time.sleep(0.2)
        by_tenant = busy(2 << 20)
        hold("beta")
        time.sleep(0.2)
        assert (by_tenant.status_code, by_tenant.headers["retry-after"]) == (429, "1")
        assert "of this tenant" in by_tenant.json()["detail"]
        assert post(client, STRUCTURED, events.payment()).status_code == 202
        assert gateway.metric("sluicegate_gateway_refused_total", reason="busy") == 1  # beta's: both would be 14 MiB
        assert gateway.metric("sluicegate_gateway_in_flight_bytes") == 7 << 20
    deadline = time.monotonic() + 5
    while gateway.metric("sluicegate_gateway_in_flight_bytes"):
        assert time.monotonic() < deadline, "what was held is given back"
        time.sleep(0.05)


def test_metrics_tell_what_was_done(gateway: GatewayProcess, client: httpx.Client) -> None:
    def count(name: str, **labels: str) -> float:
        return gateway.metric(f"sluicegate_gateway_{name}", **labels)

    accepted, answered = count("events_accepted_total", type="vendor.payment.v1"), count("ack_seconds_count")
    refused, faulty = count("refused_total", reason="invalid"), count("events_faulty_total")
    assert post(client, BATCH, [events.payment(), events.payment()]).status_code == 202
    assert post(client, BATCH, [{}, {}]).status_code == 422
    assert count("events_faulty_total") == faulty + 2
    assert count("events_accepted_total", type="vendor.payment.v1") == accepted + 2
    assert count("ack_seconds_count") == answered + 1
    assert count("refused_total", reason="invalid") == refused + 1
    assert count("kafka_up") == 1
    assert count("requests_total", route="events", status="422") >= 1


def test_nothing_acknowledged_is_lost_by_kill_or_orderly_end(kafka: Kafka, tmp_path: Path) -> None:
    make_topics(kafka)
    gateway = GatewayProcess(kafka, tmp_path)
    killed = Senders(gateway.http_port, gateway.token())
    ended = Senders(gateway.http_port, gateway.token(), batch=50)

    async def kill() -> None:
        sending = asyncio.create_task(killed.run(16))
        for _ in range(2):
            await asyncio.sleep(0.5)
            gateway.kill()
            gateway.start()
            await asyncio.to_thread(gateway.ready)
        killed.stop()
        await sending

    async def end() -> tuple[int, float]:
        sending = asyncio.create_task(ended.run(8))
        await asyncio.sleep(0.5)
        ended.stop()  # what is under way is under way
        found = await asyncio.to_thread(gateway.terminate)
        await asyncio.wait_for(sending, 5)
        return found

    with running(gateway):
        gateway.start().ready()
        asyncio.run(kill())
        status, seconds = asyncio.run(end())
    assert killed.statuses[0] > 0, "requests were under way"
    assert set(ended.statuses) == {202}, "an orderly end finishes what is under way"
    assert (status, seconds < 8) == (0, True)
    for senders in (killed, ended):
        assert senders.acknowledged == senders.sent.keys()
    assert held(kafka).keys() == killed.acknowledged | ended.acknowledged


def test_tls(kafka: Kafka, tmp_path: Path) -> None:
    make_topics(kafka)
    authority = Authority("test")
    own = authority.issue(tmp_path / "gateway.pem", "gateway")
    gateway = GatewayProcess(kafka, tmp_path, tls_cert_file=own, tls_key_file=own)
    with running(gateway):
        gateway.start().ready()
        trust = ssl.create_default_context(cafile=str(authority.write(tmp_path / "ca.pem")))
        url = f"https://127.0.0.1:{gateway.http_port}/openapi.json"
        assert httpx.get(url, verify=trust).status_code == 200


def test_while_kafka_is_away_senders_are_told_so_at_once(tmp_path: Path) -> None:
    with EmbeddedKafka(tmp_path / "kafka") as own, Kafka(own.bootstrap) as kafka:
        make_topics(kafka)
        gateway = GatewayProcess(kafka, tmp_path, ack_timeout_seconds=1.5)
        headers = {"authorization": f"Bearer {gateway.token()}"}
        with running(gateway), httpx.Client(base_url=gateway.url, headers=headers, timeout=20) as client:
            gateway.start().ready()
            under_way = events.payment()
            own.kill()
            began = time.monotonic()
            unknown = post(client, STRUCTURED, under_way)
            assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "2")
            deadline = began + 5
            while gateway.get("readyz")[0] == 200:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            began = time.monotonic()
            away = [post(client, STRUCTURED, events.payment()) for _ in range(5)]
            assert {(one.status_code, one.json()["type"][-10:]) for one in away} == {(503, "kafka_away")}
            assert time.monotonic() - began < 1
            assert gateway.get("livez")[0] == 200
            own.start()
            gateway.ready()
            while (answer := post(client, STRUCTURED, under_way)).status_code != 202:
                assert answer.status_code == 503
                assert time.monotonic() < began + 30
                time.sleep(0.2)
            with Kafka(own.bootstrap, kafka.prefix) as view:
                assert set(held(view)) == {under_way["id"]}
