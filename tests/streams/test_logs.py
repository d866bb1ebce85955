"""What a real worker says: every line JSON, and nobody's data in it, however it is made to fail. Nor in its traces."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sluicegate.log_events import EVENTS
from sluicegate.tracing import SPANS
from sluicegate.wire.decode import Event, decode
from tests.otlp import collector
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running
from tests.unit.wire.samples import event

TOPICS = {
    "payroll.payment.v1": "payroll-payments",
    "vendor.payment.v1": "vendor-payments",
    "payee.change.v1": "payee-changes",
    "payout.request.v1": "payout-requests",
    "payment.status.v1": "payment-status",
    "worker.lifecycle.v1": "worker-lifecycle",
    "disposition.v1": "dispositions",
    "policy.update.v1": "policies",
}
MARK = re.compile(r"PII[0-9]{4}Q", re.IGNORECASE)

# a core that fails on one record, and an agent that dies of another, each with the record in the error's words
PROGRAM = """
from sluicegate.detection.step import Step
from sluicegate.log.recovery import Holdings
digest, offer = Step.record, Holdings.offer
def fails(self, record):
    if b"poison" in record.value:
        raise ValueError(f"cannot digest {record.value}")
    return digest(self, record)
def dies(self, partition, generation, chunk):
    if any(b"deadly" in record.value for record in chunk.records):
        raise LookupError(f"died of {[record.value for record in chunk.records]}")
    offer(self, partition, generation, chunk)
Step.record, Holdings.offer = fails, dies
from sluicegate.app import main
main()
"""


def marked(kind: str, number: int) -> dict[str, Any]:
    """A sound event of the type, with a mark of its own in every text that takes one."""
    made = event(kind, id=f"m{number}PII0000Q")
    numbers = iter(range(number * 100, number * 100 + 100))

    def mark(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, str):
                node[key] = f"PII{next(numbers):04}Q"
                if not isinstance(decode(json.dumps(made).encode()), Event):
                    node[key] = value
            elif isinstance(value, dict | list):
                mark(value)

    mark(made["data"])
    return made


def broken(whole: dict[str, Any]) -> Iterator[bytes]:
    """The same, refused for several reasons."""
    text = json.dumps(whole).encode()
    yield text[:-1]
    yield json.dumps(whole | {"time": "PII9000Q"}).encode()
    yield json.dumps(whole | {"type": "PII9001Q"}).encode()
    yield json.dumps(whole | {"data": {"payee": "PII9002Q"}}).encode()
    yield b"\0PII9003Q" + text


def until(condition: Callable[[], bool], timeout: float = 40) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_no_line_and_no_span_of_a_worker_holds_anybodys_data(kafka: Kafka, tmp_path: Path) -> None:
    samples = {kind: marked(kind, number) for number, kind in enumerate(TOPICS, 1)}
    marks = sum(len(MARK.findall(json.dumps(sample))) for sample in samples.values())
    assert marks > 100  # names, ids, accounts, addresses of the wire's whole vocabulary
    letters = 0
    with collector() as received:
        worker = WorkerProcess(
            kafka, tmp_path, program=PROGRAM, log_level="debug", log_format="json", otlp_endpoint=received.url
        )
        with running(worker):
            worker.start().ready()
            for kind, topic in TOPICS.items():
                wrong = list(broken(samples[kind]))
                letters += len(wrong)
                kafka.send(topic, [samples[kind], *wrong], key="acme")
            kafka.send("vendor-payments", [event("vendor.payment.v1", id="poison PII9100Q")], key="acme")
            until(lambda: len(kafka.read("dead-letters")) == letters + 1)
            kafka.send("vendor-payments", [event("vendor.payment.v1", id="deadly PII9101Q")], key="acme")
            assert worker.wait() == 1
    text = worker.text()
    assert MARK.findall(text) == []
    assert [body for body in received.raw if MARK.search(body.decode("latin-1"))] == []
    lines = [json.loads(line) for line in text.splitlines()]
    told = {line.get("event") for line in lines}
    assert {"process.started", "worker.assigned", "partition.open", "checkpoint.fault", "worker.failed"} <= told
    assert told <= {None, *EVENTS}
    assert [line for line in lines if line["logger"].startswith("sluicegate") and "event" not in line] == []
    fatal = lines[-1]
    assert (fatal["event"], fatal["error"], fatal["service"]) == ("process.failed", "AgentDiedError", "worker")
    assert fatal["action"].startswith("restart the worker")
    assert any("LookupError" in line.get("exception", "") for line in lines)
    assert {"checkpoint", "intake", "recovery", "rebalance"} == {span.name for span in received.spans} <= set(SPANS)
    committed = [span for span in received.spans if span.name == "checkpoint"]
    assert {name for name, _ in committed[0].events} == {"work", "write", "commit"}
    assert sum(span.attributes["records"] for span in committed) >= len(TOPICS)
