"""TLS, users and rights on a real broker: each mechanism lets in, each component has what it needs and no more."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import TopicPartition as KafkaPlace

from sluicegate.errors import BrokerRefusedError, TopicMissingError
from sluicegate.kafka_clients import new_consumer
from sluicegate.security import aiokafka_options, token_source
from sluicegate.settings import Settings
from tests.console.server import ConsoleProcess, opened, person, token
from tests.streams import events
from tests.streams.secured import PLAIN, PREFIX, Secured, secured
from tests.streams.workers import WorkerProcess, running

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def safe() -> Iterator[Secured]:
    with secured() as one:
        made = one.run("operator", "topics", "create", "--partitions", "1")
        assert made.exit_code == 0, made.output
        yield one


def until(condition: Callable[[], object], what: Callable[[], str], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


def lines(*values: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def twins() -> str:
    """Two payments of one invoice: an alert."""
    data = {"invoice": {"number": "INV-1", "date": "2026-01-02"}}
    first, second = events.payment(value="731.25", minutes=1), events.payment(value="731.25", minutes=2)
    return lines(*(one | {"data": one["data"] | data} for one in (first, second)))


def test_worker_console_and_tools_work_with_their_listed_rights(safe: Secured, tmp_path: Path) -> None:
    worker = WorkerProcess(safe.view, tmp_path, **safe.worker_settings())
    console = ConsoleProcess(
        f"sqlite:///{tmp_path / 'console.db'}",
        tmp_path,
        safe.broker.bootstrap,
        PREFIX,
        stream=safe.environment("console"),
    )
    with running(worker):
        try:
            worker.start()
            console.start(90)
            worker.ready(90)
            sent = safe.run("producer", "send", "-", text=twins())
            assert sent.exit_code == 0, sent.output
            seen = safe.run("reader", "watch", "--from-beginning", "--json", "--count", 1, "--timeout", 60)
            assert seen.exit_code == 0, seen.output
            alert_id = json.loads(seen.stdout.splitlines()[0])["data"]["alert_id"]
            engine = opened(console.database)
            key = token(engine, person(engine, "ann"))
            until(lambda: console.api("GET", f"/api/v1/alerts/{alert_id}", key)[0] == 200, console.log.read_text)
            body = {"verdict": "confirmed", "reason_code": "internal_fraud"}
            status, answer = console.api("POST", f"/api/v1/alerts/{alert_id}/verdicts", key, body)
            assert status == 201, answer
            until(lambda: worker.metric("sluicegate_events_total", topic="dispositions") >= 1, console.log.read_text)
            engine.dispose()
            for told in (worker.text(), console.log.read_text()):
                assert "uthorization" not in told
                assert "Traceback" not in told
            for name, *arguments in (
                ("operator", "topics", "check"),
                ("operator", "verify"),
                ("operator", "log", "export", "--out", tmp_path / "out"),
                ("operator", "dead-letters", "list"),
                ("policies", "policy", "show", "acme"),
            ):
                done = safe.run(name, *arguments)
                assert done.exit_code == 0, (arguments, done.output, done.exception)
            assert worker.terminate()[0] == 0
        finally:
            console.close()


class _Tokens(BaseHTTPRequestHandler):
    """An issuer of unsigned tokens, which the broker takes, for whoever knows the secret."""

    given = 0

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers["Authorization"] != f"Basic {base64.b64encode(b'robot:sesame').decode()}":
            self.send_error(401)
            return
        assert "grant_type=client_credentials" in form
        assert "scope=kafka" in form
        type(self).given += 1
        parts = {"alg": "none"}, {"sub": "robot", "iat": int(time.time()), "exp": int(time.time()) + 300}
        head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        body = json.dumps({"access_token": f"{head}.{claims}.", "expires_in": 300, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Tokens) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()
        thread.join()


def scram256(safe: Secured, _: str) -> Settings:
    safe.guarded.add_user("rita", mechanism="SCRAM-SHA-256")
    return safe.settings("rita", kafka_sasl_mechanism="SCRAM-SHA-256")


def scram512(safe: Secured, _: str) -> Settings:
    return safe.settings("reader")


def plain(safe: Secured, _: str) -> Settings:
    return safe.settings("pat", kafka_sasl_mechanism="PLAIN", kafka_password=PLAIN["pat"], kafka_password_file="")


def oauth(safe: Secured, issuer: str) -> Settings:
    (safe.guarded.folder / "secret").write_text("sesame\n")
    return safe.settings(
        "",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_password_file="",
        kafka_oauth_token_url=issuer,
        kafka_oauth_client_id="robot",
        kafka_oauth_client_secret_file=str(safe.guarded.folder / "secret"),
        kafka_oauth_scope="kafka",
    )


def certificate(safe: Secured, _: str) -> Settings:
    file = safe.guarded.authority.issue(safe.guarded.folder / "cert.pem", "carl")
    return safe.settings(
        "",
        broker=safe.guarded.certified,
        kafka_security_protocol="SSL",
        kafka_sasl_mechanism="",
        kafka_password_file="",
        kafka_cert_file=str(file),
    )


async def _ends(settings: Settings) -> dict[Any, int]:
    async with AIOKafkaConsumer(**aiokafka_options(settings), enable_auto_commit=False) as consumer:
        return dict(await consumer.end_offsets([TopicPartition(f"{PREFIX}alerts", 0)]))


@pytest.mark.parametrize(
    ("principal", "settings_of"),
    [("rita", scram256), ("reader", scram512), ("pat", plain), ("robot", oauth), ("CN=carl", certificate)],
)
def test_each_mechanism_lets_both_clients_in(
    safe: Secured, issuer: str, principal: str, settings_of: Callable[[Secured, str], Settings]
) -> None:
    settings = settings_of(safe, issuer)
    assert not list(settings.conflicts())
    safe.allow("reader", f"User:{principal}")
    with closing(new_consumer(settings)) as consumer:
        ends = consumer.end_offsets([KafkaPlace(f"{PREFIX}alerts", 0)])
    assert list(asyncio.run(_ends(settings)).values()) == list(ends.values())


def test_a_token_serves_many_connections(safe: Secured, issuer: str) -> None:
    safe.allow("reader", "User:robot")
    _Tokens.given = 0
    settings = msgspec.structs.replace(oauth(safe, issuer), app_id="tokens")
    for _ in range(2):
        new_consumer(settings).close()
        asyncio.run(_ends(settings))
    assert _Tokens.given == 1
    assert token_source(settings).token().count(".") == 2


def test_a_wrong_client_secret_is_told(safe: Secured, issuer: str) -> None:
    settings = msgspec.structs.replace(oauth(safe, issuer), app_id="wrong")
    (safe.guarded.folder / "secret").write_text("guess")
    with pytest.raises(BrokerRefusedError, match=r"status 401.*OAUTH_CLIENT_ID"):
        new_consumer(settings)


WRONG = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kafka_password": WRONG, "kafka_password_file": ""}, "SLUICEGATE_KAFKA_PASSWORD"),
        ({"kafka_ca_file": ""}, "SLUICEGATE_KAFKA_CA_FILE"),
        ({"kafka_sasl_mechanism": "PLAIN"}, "SLUICEGATE_KAFKA_SASL_MECHANISM"),
        (
            {
                "kafka_security_protocol": "PLAINTEXT",
                "kafka_ca_file": "",
                "kafka_sasl_mechanism": "",
                "kafka_username": "",
                "kafka_password_file": "",
            },
            "SLUICEGATE_KAFKA_SECURITY_PROTOCOL",
        ),
    ],
)
def test_a_tool_that_is_refused_says_which_setting(safe: Secured, changes: dict[str, Any], told: str) -> None:
    began = time.monotonic()
    done = safe.run("reader", "watch", "--timeout", 1, **changes)
    assert isinstance(done.exception, BrokerRefusedError)
    assert told in str(done.exception)
    assert WRONG not in f"{done.output}{done.exception!r}"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("program", [["worker"], ["console", "serve"], ["topics", "list"]])
def test_a_wrong_password_is_one_clear_error(safe: Secured, tmp_path: Path, program: list[str]) -> None:
    own = safe.environment("worker", kafka_password=WRONG, kafka_password_file="")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SLUICEGATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "sluicegate.cli.main", *program],
        env=clean | own,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert told[0].startswith("Error: Kafka does not let in user worker: look at SLUICEGATE_KAFKA_USERNAME")
    assert told[1].startswith("Operator action: ")
    assert len(told) == 2
    assert WRONG not in done.stdout + done.stderr


def test_a_host_that_the_certificate_does_not_name(safe: Secured) -> None:
    port = safe.broker.bootstrap.rpartition(":")[2]
    settings = safe.settings("reader", broker=f"127.1:{port}")  # the same address by another name
    with pytest.raises(BrokerRefusedError, match=r"SLUICEGATE_BROKER.*SLUICEGATE_KAFKA_CHECK_HOSTNAME"):
        new_consumer(settings)
    new_consumer(msgspec.structs.replace(settings, kafka_check_hostname=False)).close()


@pytest.mark.parametrize(
    ("resource", "name"), [("transactional-id", "app-"), ("group", "app"), ("topic", "vendor-payments")]
)
def test_a_worker_without_a_right_ends_and_names_it(safe: Secured, tmp_path: Path, resource: str, name: str) -> None:
    taken = safe.take("worker", resource, name)
    worker = WorkerProcess(safe.view, tmp_path, **safe.worker_settings())
    try:
        with running(worker):
            assert worker.start().wait(90) == 1
        told = worker.text()
        assert "BrokerRefusedError" in told
        assert "user worker" in told
        assert (taken[0].name if resource != "transactional-id" else "transactional ids") in told
        assert "Traceback" not in told
    finally:
        safe.guarded.grant("User:worker", taken)


def test_a_tool_without_a_right_names_it(safe: Secured) -> None:
    done = safe.run("reader", "send", "--topic", "sanctions", "-", text=twins())
    assert isinstance(done.exception, BrokerRefusedError)
    assert "user reader" in str(done.exception)
    assert "Write" in str(done.exception)
    hidden = safe.run("reader", "send", "-", text=twins())
    assert isinstance(hidden.exception, TopicMissingError)
    assert "vendor-payments" in str(hidden.exception)


def test_a_worker_whose_rights_are_taken_waits_and_says_why(safe: Secured, tmp_path: Path) -> None:
    worker = WorkerProcess(safe.view, tmp_path, **safe.worker_settings())
    with running(worker):
        worker.start().ready(90)
        taken = safe.take("worker", "topic", ".state")
        try:
            assert safe.run("producer", "send", "-", text=twins()).exit_code == 0
            until(lambda: "user worker" in worker.get("readyz")[1], worker.text)
            status, told = worker.get("readyz")
            assert status == 503
            assert "safe.state" in told
        finally:
            safe.guarded.grant("User:worker", taken)
        worker.ready(90)
        assert worker.terminate()[0] == 0
