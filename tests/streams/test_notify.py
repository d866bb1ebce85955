"""The notifier as a process over real Kafka, HTTP and SMTP: nothing lost, ids stable, each receiver by itself."""

import json
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kafka import KafkaProducer

from sluicegate.cli.main import cli
from sluicegate.notify.endpoints import Webhook
from sluicegate.notify.figures import Figures
from sluicegate.notify.reader import Reader
from sluicegate.notify.store import outbox
from sluicegate.notify.store.database import opened
from sluicegate.notify.store.replaying import Wanted, listed
from sluicegate.settings import Settings
from sluicegate.wire.canary import CANARY_TENANT
from tests.console import postgres
from tests.streams.kafka import Kafka
from tests.streams.receivers import SECRET, Receiver, mail_server, receiver, until
from tests.streams.workers import WorkerProcess, running
from tests.unit.notify.made import alert, revision


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    if postgres.program("initdb") is None:
        pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with postgres.server(port) as url:
        yield url


def ids(number: int, revisions: int, endpoint: str) -> list[str]:
    return [f"al_{number:032x}-{revision}-{endpoint}" for revision in range(1, revisions + 1)]


class Notifier(WorkerProcess):
    """`sluicegate notify` with an endpoint file of the test."""

    def __init__(self, kafka: Kafka, folder: Path, toml: str, name: str = "notifier", database: str = "") -> None:
        super().__init__(kafka, folder, name)
        self._command = ["-m", "sluicegate.cli.main", "notify", "run"]
        (folder / "secret").write_text(SECRET)
        file = folder / f"{name}.toml"
        file.write_text(toml)
        self._environment |= {
            "SLUICEGATE_NOTIFY_PORT": str(self.port),
            "SLUICEGATE_NOTIFY_ENDPOINTS": str(file),
            "SLUICEGATE_NOTIFY_DATABASE": database or f"sqlite:///{folder / 'notify.db'}",
            "SLUICEGATE_NOTIFY_START": "beginning",
        }

    def command(self, *words: str) -> str:
        """What `sluicegate notify` with these words prints."""
        done = CliRunner().invoke(cli, ["notify", *words], env=self._environment)
        assert done.exit_code == 0, done.output
        return done.output

    def listed(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.command("list", "--json", *words).splitlines()]


def webhook(to: Receiver, name: str, more: str = "") -> str:
    return (
        f'[[endpoint]]\nkind = "webhook"\nname = "{name}"\nurl = "{to.url}/{name}"\nsecret_files = ["secret"]\n'
        f"allow_private = true\n{more}\n"
    )


def taken_back(kafka: Kafka, values: list[dict[str, Any]]) -> None:
    """Records of a transaction that was aborted."""
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=kafka.topic("aborted"))
    with closing(producer):
        producer.init_transactions()
        producer.begin_transaction()
        for value in values:
            producer.send(kafka.topic("alerts"), value=json.dumps(value).encode(), partition=0)
        producer.flush()
        producer.abort_transaction()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_kill_in_between_loses_nothing_and_repeats_ids(
    kind: str, kafka: Kafka, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database = "" if kind == "sqlite" else f"{request.getfixturevalue('postgres_url')}postgres"
    kafka.create("alerts", partitions=3)
    with receiver() as to:
        to.always["/siem"] = 0.1
        toml = webhook(to, "siem", "concurrency = 2")
        first, second = (Notifier(kafka, tmp_path, toml, name, database) for name in ("first", "second"))
        with running(first, second):
            for process in (first.start(), second.start()):
                process.ready()
            until(lambda: {p.metric("sluicegate_notify_leading") for p in (first, second)} == {0, 1}, "one leads")
            if second.metric("sluicegate_notify_leading"):
                first, second = second, first
            taken_back(kafka, [alert(77)])
            for number in range(10):
                records = [alert(number, revision) for revision in (1, 2)]
                kafka.send("alerts", [*records, records[1]], partition=number % 3)
            kafka.send("alerts", [alert(99) | {"tenantid": CANARY_TENANT}, b"no alert"], partition=0)
            until(lambda: len(to.got) >= 4, "the first ones")
            first.kill()
            assert len(to.got) < 20
            wanted = {id for number in range(10) for id in ids(number, 2, "siem")}
            until(lambda: {one.id for one in to.got} == wanted, "all")
            until(lambda: second.metric("sluicegate_notify_waiting") == 0, "none waits")
            assert len(to.got) <= 20 + 2  # what was under way when it was killed comes once more
            for number in range(10):
                seen = [one.id for one in to.got if f"{number:032x}-" in one.id]
                assert list(dict.fromkeys(seen)) == ids(number, 2, "siem")
            assert [row["state"] for row in second.listed()] == ["sent"] * 20
            assert (first.text() + second.text()).count("notify.omitted") == 1
            status, seconds = second.terminate()
            assert (status, seconds < 5) == (0, True)
        for one in to.got:
            assert one.verified()["data"]["subject"].keys() == {"kind", "id"}
            assert one.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        log = first.text() + second.text()
        assert "Ann Carter" not in log
        assert to.url not in log


def test_a_receiver_that_is_away_gets_all_in_order_and_the_others_wait_for_nobody(kafka: Kafka, tmp_path: Path) -> None:
    kafka.create("alerts")
    with receiver() as away, receiver() as well, mail_server() as (box, port):
        well.planned["/flaky"] = deque([500, 503])
        well.planned["/slack"] = deque([(429, {"retry-after": "1"})])
        well.always["/slow"] = 3.0
        mail = (
            f'[[endpoint]]\nkind = "email"\nname = "mail"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
            'allow_private = true\nsender = "sluicegate@example.com"\nto = ["ops@example.com"]\nrevisions = "each"\n'
        )
        slack = '[[endpoint]]\nkind = "slack"\nname = "slack"\nurl_env = "SLACK_URL"\nallow_private = true\n'
        toml = 'console_url = "https://console.example"\n' + mail + slack
        toml += "".join(webhook(well, name) for name in ("flaky", "slow", "quick")) + webhook(away, "away")
        notifier = Notifier(kafka, tmp_path, toml)
        notifier._environment["SLACK_URL"] = f"{well.url}/slack"
        away.stop()
        with running(notifier):
            notifier.start().ready()
            kafka.send("alerts", [alert(1), alert(2), alert(1, 2)])
            until(lambda: len(well.at("/flaky", status=200)) == 3, "500s, then success")
            until(lambda: len(box.mails) == 3, "mails")
            until(lambda: len(well.at("/slack", status=200)) >= 2, "slack")
            refused, again = well.at("/slack")[:2]
            assert again.at - refused.at >= 1.0
            assert well.at("/slack")[-1].json["blocks"][0]["text"]["text"].startswith(":red_circle: *HIGH*")
            assert "Ann Carter" not in refused.body.decode()
            assert "https://console.example/alerts/al_" in refused.body.decode()
            text = box.mails[0].get_body(("plain",))
            assert text is not None
            assert "payee W1" in text.get_content()
            assert {mail["message-id"] for mail in box.mails} == {
                f"<{id}@example.com>" for id in (*ids(1, 2, "mail"), *ids(2, 1, "mail"))
            }
            until(lambda: notifier.metric("sluicegate_notify_oldest_waiting_seconds", kind="webhook") > 0, "it shows")
            until(lambda: notifier.metric("sluicegate_notify_attempts_total", outcome="unreachable") >= 3, "attempts")
            away.start()
            until(lambda: len(away.got) == 3, "what waited", 30)
            assert [one.id for one in away.got if f"{1:032x}" in one.id] == ids(1, 2, "away")
            until(lambda: len(well.at("/slow")) == 3, "the slow one", 30)
            assert max(one.at for one in well.at("/quick")) < min(one.at for one in well.at("/slow"))


def test_what_is_refused_is_dead_and_replayed_from_the_store_and_from_the_topic(kafka: Kafka, tmp_path: Path) -> None:
    kafka.create("alerts")
    with receiver() as to:
        to.always |= {"/bad": 400, "/gone": 410, "/down": 500, "/moved": (302, {"location": f"{to.url}/elsewhere"})}
        toml = "".join(webhook(to, name) for name in ("bad", "gone", "moved", "well"))
        toml += webhook(to, "down", "give_up_attempts = 2")
        toml += webhook(to, "within").replace("allow_private = true", "").replace("http:", "https:")
        notifier = Notifier(kafka, tmp_path, toml)
        with running(notifier):
            notifier.start().ready()
            kafka.send("alerts", [alert(1), alert(2)])
            until(lambda: len(to.at("/well")) == 2, "others go on")
            until(lambda: notifier.metric("sluicegate_notify_dead") == 10, "all are given up")
            assert notifier.metric("sluicegate_notify_disabled_endpoints") == 1
            assert not to.at("/elsewhere")
            assert len(to.at("/gone")) <= 2
            reasons = {(row["endpoint"], row["reason"]) for row in notifier.listed("--dead")}
            assert reasons == {
                ("bad", "answered 400"),
                ("gone", "answered 410"),
                ("moved", "answered 302: redirects are not followed"),
                ("down", "answered 500"),
                ("within", "the address is private, loopback or link-local: set allow_private = true if that is meant"),
            }
            to.always.clear()
            calls = len(to.at("/gone"))
            kafka.send("alerts", [alert(3)])
            until(lambda: len(to.at("/well")) == 3, "the third one")
            assert len(to.at("/gone")) == calls
            assert "3 wait once more" in notifier.command("replay", "--endpoint", "gone")
            until(lambda: len(to.at("/gone", status=200)) == 3, "replayed")
            assert {one.id for one in to.at("/gone", status=200)} == {f"al_{n:032x}-1-gone" for n in (1, 2, 3)}
            assert "1 wait" in notifier.command("replay", "--id", f"al_{2:032x}-1-down", "--endpoint", "down")
            wanted = {f"al_{number:032x}-1-down" for number in (2, 3)}
            until(lambda: {one.id for one in to.at("/down", status=200)} == wanted, "by id")
            again = ("replay", "--endpoint", "well", "--since", "1h", "--from-topic")
            assert "0 wait" in notifier.command(*again)
            assert "3 wait" in notifier.command(*again, "--sent")
            until(lambda: len(to.at("/well")) == 6, "once more")
            assert len({one.id for one in to.at("/well")}) == 3


def test_the_first_start_begins_at_the_end_and_a_topic_made_anew_at_its_beginning(kafka: Kafka, tmp_path: Path) -> None:
    stream = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    siem = Webhook(name="siem", url="https://siem.example", secret_env=("X",))

    def entered() -> list[str]:
        with engine.connect() as connection:
            return [row.event_id[-3:] for row in listed(connection, Wanted(), 100)]

    with opened(f"sqlite:///{tmp_path / 'notify.db'}") as engine:

        def read(until_entered: list[str]) -> None:
            reader = Reader(stream, engine, [siem], "end", Figures(), lambda: None)
            reader.start()
            until(lambda: reader.caught_up, "caught up")
            if not until_entered:
                kafka.send("alerts", [alert(2)])
            until(lambda: entered() == (until_entered or ["2-1"]), "entered")
            reader.ask_to_stop()
            reader.join(10)

        kafka.create("alerts")
        kafka.send("alerts", [alert(1)])
        read([])
        kafka.send("alerts", [alert(3)])
        read(["2-1", "3-1"])
        kafka.delete("alerts")
        kafka.create("alerts")
        kafka.send("alerts", [alert(3), alert(4)])
        read(["2-1", "3-1", "4-1"])


def test_without_kafka_what_waits_is_delivered_and_strangers_are_given_up(tmp_path: Path) -> None:
    with receiver() as to, opened(f"sqlite:///{tmp_path / 'notify.db'}") as engine:
        siem = Webhook(name="siem", url=f"{to.url}/siem", secret_env=("X",))
        former = Webhook(name="former", url="https://x.example", secret_env=("X",))
        with engine.begin() as connection:
            outbox.enter(connection, [revision(1), revision(2)], [siem, former], time.time_ns() // 1000)
        notifier = Notifier(Kafka("127.0.0.1:1"), tmp_path, webhook(to, "siem"))
        with running(notifier):
            notifier.start()
            until(lambda: len(to.got) == 2, "both")
            until(lambda: "no Kafka broker answers" in notifier.get("readyz")[1], "why")
            status, told = notifier.get("readyz")
            assert (status, json.loads(told)["leading"]) == (503, True)
            assert notifier.get("livez")[0] == 200
            assert notifier.metric("sluicegate_notify_leading") == 1
            assert notifier.terminate()[0] == 0
        with engine.connect() as connection:
            states = {(row.endpoint, row.state, row.reason) for row in listed(connection, Wanted(), 9)}
    assert states == {("siem", "sent", ""), ("former", "dead", "no endpoint of the file has this name")}
