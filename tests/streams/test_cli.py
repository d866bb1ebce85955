"""The commands that speak to Kafka, against the real one."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kafka import KafkaProducer

from sluicegate.cli.main import cli
from sluicegate.generate.stream import Generator
from sluicegate.settings import Settings
from sluicegate.topics import plan
from sluicegate.wire.decode import Reject
from sluicegate.wire.letters import MAX_VALUE, dead_letter, encode_letter
from tests.streams.events import payment, policy
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

Run = Callable[..., Result]


@pytest.fixture
def run(kafka: Kafka) -> Run:
    """Run a command at the test's broker and prefix."""

    def command(*arguments: object, stdin: bytes | None = None) -> Result:
        place = ["--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix]
        return CliRunner().invoke(cli, [*map(str, arguments), *place], input=stdin)

    return command


@pytest.fixture
def worker(kafka: Kafka, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(kafka, tmp_path, partitions=2)
    with running(process):
        yield process.start().ready()


def lines(*events: Any) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def alert(number: int = 1, **changed: Any) -> dict[str, Any]:
    data = {
        "alert_id": f"al_{number:032x}",
        "revision": 1,
        "activity": "create",
        "tenant_id": "acme",
        "severity": "high",
        "score": 65,
        "title": f"Title {number}",
        "subject": {"kind": "payee", "id": f"V{number}"},
        "reasons": [{"rule": "changed-account", "score": 65, "text": "Account changed by email"}],
        "money": [{"value": "1200.50", "currency": "USD", "count": 1}],
        "recommended_action": "hold",
        "counterfactual": "A verified change would have scored 5.",
    }
    return {"type": "alert.v1", "data": data | changed}


# ---- topics


def test_topics_are_listed_as_missing_made_and_found_fit(run: Run, kafka: Kafka) -> None:
    names = [topic.name for topic in plan(Settings(topic_prefix=kafka.prefix))]
    before = run("topics", "list")
    assert before.exit_code == 0
    assert before.stdout.count("missing") == len(names)
    refused = run("topics", "check")
    assert refused.exit_code == 1
    made = run("topics", "create", "--partitions", 3)
    assert (made.exit_code, made.stdout) == (0, "all topics are there; the log has 3 partitions\n")
    assert run("topics", "check").exit_code == 0
    kafka.send("events", [b"1", b"2"])
    after = [json.loads(line) for line in run("topics", "list", "--json").stdout.splitlines()]
    assert [topic["name"] for topic in after] == names
    assert {(topic["topic"], topic["records"]) for topic in after if topic["records"]} == {("events", 2)}
    assert {topic["partitions"] for topic in after} == {3}


# ---- send and generate


def test_send_puts_each_event_into_the_topic_of_its_type_keyed_by_its_tenant(
    run: Run, kafka: Kafka, tmp_path: Path
) -> None:
    kafka.create("vendor-payments", "policies", partitions=2)
    first, second = payment("acme"), policy("beta")
    (tmp_path / "a.jsonl").write_bytes(lines(first))
    sent = run("send", tmp_path / "a.jsonl", "-", stdin=lines(second))
    assert sent.exit_code == 0, sent.stderr
    assert "2 events sent" in sent.stderr
    assert [(r.key, r.json) for r in kafka.read("vendor-payments")] == [(b"acme", first)]
    assert [(r.key, r.json) for r in kafka.read("policies")] == [(b"beta", second)]


def test_send_names_the_lines_it_cannot_place_and_sends_the_others(run: Run, kafka: Kafka) -> None:
    kafka.create("vendor-payments")
    sent = run("send", "-", stdin=b"{\n" + lines(payment()) + b'{"type":"no.such.v1"}\n')
    assert sent.exit_code == 1
    assert "-:1: not a JSON object" in sent.stderr
    assert "-:3: no.such.v1 is no type of input events" in sent.stderr
    assert len(kafka.read("vendor-payments")) == 1


def test_send_to_a_named_topic_sends_anything(run: Run, kafka: Kafka) -> None:
    kafka.create("vendor-payments")
    assert run("send", "-", "--topic", "vendor-payments", stdin=b"{\n\xff\n").exit_code == 0
    assert sorted(r.value or b"" for r in kafka.read("vendor-payments")) == [b"{", b"\xff"]


def test_send_of_an_export_sends_its_events_with_their_times_and_leaves_ticks_out(run: Run, kafka: Kafka) -> None:
    kafka.create("vendor-payments")
    event = payment()
    export = [
        {"type": "log.export.v1"},
        {"offset": 0, "timestamp": 1_700_000_000_000, "value": event},
        {"offset": 1, "timestamp": 1_700_000_000_001, "value": {"type": "clock.tick.v1", "tenantid": "*"}},
    ]
    assert run("send", "-", stdin=lines(*export)).exit_code == 0
    (record,) = kafka.read("vendor-payments")
    assert (record.timestamp, record.json) == (1_700_000_000_000, event)


def test_send_to_a_topic_that_is_not_there_says_how_to_make_it(run: Run, kafka: Kafka) -> None:
    for arguments in (("-",), ("-", "--topic", "policies")):
        began = time.monotonic()
        sent = run("send", *arguments, stdin=lines(policy()))
        assert type(sent.exception).__name__ == "TopicMissingError"
        assert f"there is no topic {kafka.topic('policies')}" in str(sent.exception)
        assert time.monotonic() - began < 5
    assert run("send", "-", "--topic", "alerts").exit_code == 2


def test_generate_sends_live_events_after_their_history(run: Run, kafka: Kafka) -> None:
    assert run("topics", "create").exit_code == 0
    made = run("generate", "--send", "--rate", 50, "--duration", 0.5, "--tenants", 1, "--payees", 12)
    assert made.exit_code == 0, made.output
    sent = int(made.stderr.split()[0])
    listed = [json.loads(line) for line in run("topics", "list", "--json").stdout.splitlines()]
    assert sum(topic["records"] for topic in listed) == sent
    assert sent > 100


# ---- watch


def test_watch_shows_committed_alerts_in_words(run: Run, kafka: Kafka) -> None:
    kafka.create("alerts", partitions=2)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=kafka.prefix)
    with closing(producer):
        producer.init_transactions()
        for number, end in ((1, producer.abort_transaction), (2, producer.commit_transaction)):
            producer.begin_transaction()
            producer.send(kafka.topic("alerts"), json.dumps(alert(number)).encode()).get(10)
            end()
    shown = run("watch", "--from-beginning", "--count", 1, "--timeout", 20)
    assert shown.exit_code == 0, shown.output
    for part in ("HIGH 65", "acme", "payee V2", "Title 2", "Account changed by email", "[changed-account 65]"):
        assert part in shown.stdout
    assert "1,200.50 USD in 1 payment" in shown.stdout
    assert "A verified change would have scored 5." in shown.stdout
    assert "Title 1" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ((), [1, 2, 3, 4]),
        (("--tenant", "beta"), [2]),
        (("--tenant", "beta", "--tenant", "acme"), [1, 2, 3, 4]),
        (("--severity", "high"), [1, 2, 4]),
        (("--rule", "pay-spike"), [4]),
        (("--subject", "V3"), [3]),
        (("--subject", "V3", "--severity", "high"), []),
    ],
)
def test_watch_filters(run: Run, kafka: Kafka, arguments: tuple[str, ...], numbers: list[int]) -> None:
    kafka.create("alerts")
    spike = [{"rule": "pay-spike", "score": 85, "text": "x"}]
    alerts = [
        alert(1),
        alert(2, tenant_id="beta"),
        alert(3, severity="low"),
        alert(4, severity="critical", reasons=spike),
    ]
    kafka.send("alerts", [{"type": "note.v1", "data": {}}, *alerts])
    shown = run("watch", "--json", "--from-beginning", "--timeout", 1.5, *arguments)
    assert shown.exit_code == 0
    assert [json.loads(line)["data"]["title"] for line in shown.stdout.splitlines()] == [f"Title {n}" for n in numbers]


def test_watch_that_sees_too_few_gives_status_1(run: Run, kafka: Kafka) -> None:
    kafka.create("alerts")
    kafka.send("alerts", [alert()])
    shown = run("watch", "--count", 1, "--timeout", 0.5)  # from now on: the one there is does not count
    assert shown.exit_code == 1
    assert "0 of 1 seen" in shown.stderr


# ---- dead letters


def letter(offset: int, value: bytes, *, reason: Any = "not_json", topic: str, headers: Any = ()) -> bytes:
    why = Reject(reason, "/data", "what was wrong")
    return encode_letter(
        dead_letter(why, value, topic=topic, partition=0, offset=offset, received_at=0, key=b"acme", headers=headers)
    )


def test_dead_letters_are_counted_once_shown_without_value_and_sent_back_as_they_were(run: Run, kafka: Kafka) -> None:
    kafka.create("dead-letters", "vendor-payments", "policies")
    vendor, policies = kafka.topic("vendor-payments"), kafka.topic("policies")
    headers = [("ce_id", b"\xff1")]
    kafka.send(
        "dead-letters",
        [
            letter(4, b"secret", topic=vendor, headers=headers),
            letter(4, b"secret", topic=vendor, headers=headers),
            letter(5, b"{", topic=vendor, reason="bad_amount"),
            letter(0, b"x" * (MAX_VALUE + 1), topic=policies),
        ],
    )
    counted = [json.loads(line) for line in run("dead-letters", "list", "--json").stdout.splitlines()]
    assert {(one["reason"], one["topic"], one["count"]) for one in counted} == {
        ("not_json", vendor, 1),
        ("bad_amount", vendor, 1),
        ("not_json", policies, 1),
    }
    each = run("dead-letters", "list", "--each", "--reason", "bad_amount").stdout
    assert each == f"{vendor}/0/5  bad_amount  /data what was wrong\n"
    shown = run("dead-letters", "show", f"{vendor}/0/4").stdout
    assert "not_json" in shown
    assert "secret" not in shown
    assert "secret" in run("dead-letters", "show", f"{vendor}/0/4", "--value").stdout
    assert run("dead-letters", "show", "nowhere/0/0").exit_code == 1

    tried = run("dead-letters", "redrive", "--topic", "vendor-payments", "--dry-run")
    assert (tried.exit_code, "2  " in tried.stdout, kafka.read("vendor-payments")) == (0, True, [])
    assert run("dead-letters", "redrive", "--reason", "not_json", "--topic", "vendor-payments").exit_code == 0
    (record,) = kafka.read("vendor-payments")
    assert (record.key, record.value) == (b"acme", b"secret")
    assert record.headers == (("ce_id", b"\xff1"), ("redriven-from", f"{vendor}/0/4".encode()))

    cut = run("dead-letters", "redrive", "--topic", "policies")
    assert cut.exit_code == 1
    assert "only the first 64 KiB" in cut.stderr
    assert kafka.read("policies") == []


def test_redriven_record_that_is_refused_again_stays_one_case_and_a_sound_one_is_taken(
    run: Run, kafka: Kafka, worker: WorkerProcess
) -> None:
    kafka.send("vendor-payments", [b"{"], partition=0)
    kafka.read_one("dead-letters", timeout=20)
    # as if an older version had not known the type
    kafka.send(
        "dead-letters", [letter(9, lines(payment())[:-1], reason="unknown_type", topic=kafka.topic("vendor-payments"))]
    )
    kafka.read_one("dead-letters")
    for _ in range(2):
        assert run("dead-letters", "redrive").exit_code == 0
    again = [kafka.read_one("dead-letters", timeout=20) for _ in range(2)]
    assert {record.json["reason"] for record in again} == {"not_json"}
    each = [json.loads(line) for line in run("dead-letters", "list", "--each", "--json").stdout.splitlines()]
    assert [(one["reason"], one["again"]) for one in each] == [("not_json", 2), ("unknown_type", 0)]
    assert len(kafka.read("events")) == 2  # the sound one twice, of which detection drops one


# ---- worker and log


def test_worker_refuses_a_setting_out_of_bounds_with_its_name() -> None:
    refused = CliRunner().invoke(cli, ["worker", "--partitions", "many"])
    assert type(refused.exception).__name__ == "SettingsError"
    assert "SLUICEGATE_PARTITIONS" in str(refused.exception)


def test_exported_log_replays_to_the_alerts_of_the_stream_byte_for_byte(
    run: Run, kafka: Kafka, worker: WorkerProcess, tmp_path: Path
) -> None:
    events = Generator(5, start=1_781_161_200_000_000, tenants=2, payees=60, history_days=60, scheme_share=0.03).bulk(
        1500
    )
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(event.value for event in events))
    assert run("send", path).exit_code == 0
    wait_for_all(kafka, worker)
    assert run("log", "export", "--out", tmp_path / "out").exit_code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["events-0.jsonl", "events-1.jsonl"]
    streamed = kafka.read("alerts")
    assert streamed
    for number in range(2):
        replayed = CliRunner().invoke(cli, ["replay", str(tmp_path / "out" / f"events-{number}.jsonl")])
        assert replayed.exit_code == 0
        mine = set(replayed.stdout_bytes.splitlines())
        assert len(mine) == len(replayed.stdout_bytes.splitlines())
        assert mine <= {record.value for record in streamed}
        streamed = [record for record in streamed if record.value not in mine]
    assert streamed == []
    assert run("log", "export", "--out", tmp_path / "new", "--partition", 7).exit_code == 2
    again = run("log", "export", "--out", tmp_path / "out")
    assert (again.exit_code, "holds an earlier export" in again.stderr) == (2, True)
    nobody = run("log", "export", "--out", tmp_path / "new", "--tenant", "nosuch")
    assert (nobody.exit_code, "there is no event of tenant nosuch" in nobody.stderr) == (1, True)
    assert [*(tmp_path / "new").iterdir()] == []


def wait_for_all(kafka: Kafka, worker: WorkerProcess) -> None:
    """Until the worker has accounted for every source record and every log record."""
    sources = ("payroll-payments", "vendor-payments", "payee-changes", "payout-requests", "payment-status")
    others = ("worker-lifecycle", "policies", "sanctions", "dispositions")
    sent = sum(sum(kafka.end_offsets(topic).values()) for topic in (*sources, *others))
    deadline = time.monotonic() + 60
    while worker.metric("sluicegate_intake_records_total") < sent or worker.metric("sluicegate_events_total") < sum(
        kafka.end_offsets("events").values()
    ):
        assert time.monotonic() < deadline, "the worker did not work through all"
        time.sleep(0.2)
