"""deploy/examples: each program run as its heading says, against real Kafka, and what the worker makes of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluicegate.connectors.keys import TenantKeys
from sluicegate.embedded.jars import class_path
from tests.streams.events import DAY, payment, policy
from tests.streams.gateways import GatewayProcess
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

EXAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "examples"
SECRET = "0f" * 32
ROUTING, OLD, NEW = "0210-0002-1", "000 123 456 789", "987-654-3210"
JAVAC, SHELL = shutil.which("javac"), all(map(shutil.which, ("curl", "openssl", "sh")))


def rows(*lines: tuple[str, str, str]) -> str:
    """CSV of payments: payee, account number, amount; the payee's id is in the payment's."""
    heading = "payment_id,payee_id,run_id,routing_number,account_number,amount\n"
    return heading + "".join(
        f"PAY-{number}-{payee},{payee},RUN-7,{ROUTING},{account},{amount}\n"
        for number, (payee, account, amount) in enumerate(lines)
    )


class Scene:
    """A payroll of two payments of one tenant; then one whose account is another."""

    def __init__(self, kafka: Kafka, folder: Path, tenant: str) -> None:
        self.kafka = kafka
        self.tenant = tenant
        secret = folder / f"{tenant}.secret"
        secret.write_text(f"{SECRET}\n")
        keys = TenantKeys(SECRET.encode())
        self.old, self.new = (keys.account("us_aba", "US", ROUTING, number) for number in (OLD, NEW))
        self.environment = {
            "PATH": os.environ["PATH"],
            "TENANT": tenant,
            "SECRET_FILE": str(secret),
            "BROKER": kafka.bootstrap,
            "TOPIC": kafka.topic("payroll-payments"),
        }

    def check(self, command: list[str], **more: str) -> None:
        """Run the example twice, and see its payments scored and the changed account alerted."""
        earlier = [
            payment(self.tenant, "E-1", fp=self.old, value="2450.00", kind="employee", minutes=days * DAY)
            for days in range(0, 180, 14)
        ]
        self.kafka.send("payroll-payments", earlier, key=self.tenant)
        self.kafka.send("policies", [policy(self.tenant, clearance={}, minutes=199 * DAY)], key=self.tenant)
        self.run(command, rows(("E-1", OLD, "2450.00"), ("E-2", OLD[::-1], "1990.50")), more)
        decided = [self.next("decisions") for _ in range(2)]
        assert {(one["payment_id"], one["decision"]) for one in decided} == {
            ("PAY-0-E-1", "release"),
            ("PAY-1-E-2", "release"),
        }
        assert {one["amount"]["value"] for one in decided} == {"2450.00", "1990.50"}
        self.run(command, rows(("E-9", NEW[::-1], "1.00"), ("E-1", NEW, "2450.00")), more)
        alert = self.next("alerts")
        assert "changed-account" in {reason["rule"] for reason in alert["reasons"]}
        assert alert["payment_ids"] == ["PAY-1-E-1"]
        accounts = {one["role"]: (one["id"], one["last4"]) for one in alert["entities"] if one["kind"] == "account"}
        assert accounts["new"] == (self.new, "3210")
        assert self.old in {one["id"] for one in alert["entities"]}
        assert not self.kafka.read("dead-letters")
        for record in self.kafka.read("events"):
            for number in (OLD, NEW):
                assert "".join(filter(str.isdigit, number)).encode() not in (record.value or b"")

    def next(self, topic: str) -> Any:
        """Data of the tenant's next record."""
        while (event := self.kafka.read_one(topic, 20).json)["tenantid"] != self.tenant:
            pass
        return event["data"]

    def run(self, command: list[str], payments: str, more: dict[str, str]) -> None:
        done = subprocess.run(
            command,
            input=payments,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 payments sent" in done.stderr


@pytest.fixture(scope="module")
def worked(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Kafka with one worker for all of them; each example has a tenant of its own."""
    with Kafka(broker) as kafka:
        worker = WorkerProcess(kafka, tmp_path_factory.mktemp("worker"))
        with running(worker):
            worker.start().ready()
            yield kafka


def test_python(worked: Kafka, tmp_path: Path) -> None:
    Scene(worked, tmp_path, "snake").check([sys.executable, str(EXAMPLES / "python" / "send_payments.py")])


@pytest.mark.skipif(JAVAC is None, reason="no javac: Java runs a source file with a JDK only")
def test_java(worked: Kafka, tmp_path: Path) -> None:
    assert JAVAC is not None
    java = Path(JAVAC).resolve().with_name("java")
    libraries = class_path(lambda _: None)
    command = [str(java), "-cp", libraries, str(EXAMPLES / "java" / "SendPayments.java")]
    Scene(worked, tmp_path, "island").check(command)


@pytest.mark.skipif(not SHELL, reason="no curl, openssl or sh")
def test_curl(worked: Kafka, tmp_path: Path) -> None:
    gateway = GatewayProcess(worked, tmp_path)
    token = tmp_path / "shell.token"
    token.write_text(f"{gateway.token('shell')}\n")
    with running(gateway):
        gateway.start().ready()
        command = ["sh", str(EXAMPLES / "curl" / "send_payments.sh")]
        Scene(worked, tmp_path, "shell").check(command, GATEWAY=gateway.url, TOKEN_FILE=str(token))


def refused(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        input=rows(("E-1", OLD, "1.00")),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "payments sent" not in done.stderr


def test_payments_that_were_not_taken_fail_the_program(tmp_path: Path) -> None:
    """Nobody listens there: the shell ends at the first payment."""
    if not SHELL:
        pytest.skip("no curl, openssl or sh")
    (tmp_path / "word").write_text(SECRET)
    file: Any = str(tmp_path / "word")
    place = {"PATH": os.environ["PATH"], "TENANT": "acme", "SECRET_FILE": file, "TOKEN_FILE": file}
    refused(["sh", str(EXAMPLES / "curl" / "send_payments.sh")], place | {"GATEWAY": "http://127.0.0.1:1"})
