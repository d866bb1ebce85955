"""The demo and the stress test: what they show, what they leave behind."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.streams.events import payment
from tests.streams.kafka import Kafka

SLUICEGATE = [sys.executable, "-m", "sluicegate.cli.main"]
PROCESSES = ("worker", "lag", "canary", "console", "gateway")


def command(kafka: Kafka, name: str, *arguments: object) -> list[str]:
    place = ["--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix]
    return [*SLUICEGATE, name, *place, *map(str, arguments)]


def alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


class Running:
    """A command that runs, and what it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line

    def wait_for(self, pattern: str, seconds: float = 60) -> "re.Match[str]":
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self.text)) is None:
            assert self.process.poll() is None, f"it ended:\n{self.text}"
            assert time.monotonic() < deadline, f"no {pattern} within {seconds} s:\n{self.text}"
            time.sleep(0.05)
        return found

    def end(self, seconds: float = 30) -> int:
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status


@contextmanager
def started(arguments: list[str], tmp_path: Path) -> Iterator[Running]:
    """Start it with a temporary folder of its own, where anything left behind shows."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )
    run = Running(process)
    try:
        yield run
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def small(kafka: Kafka, *arguments: object) -> list[str]:
    return command(kafka, "demo", "--tenants", 2, "--schemes", 1, *arguments)


def accepted(url: str, token: str, event: dict[str, Any], seconds: float = 30) -> int:
    """Status of the answer to an event, once somebody answers."""
    kind = {"content-type": "application/cloudevents+json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, json.dumps(event).encode(), kind)
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_demo_shows_alerts_in_words_and_ends_by_itself(kafka: Kafka, tmp_path: Path) -> None:
    with started(small(kafka, "--seconds", 10), tmp_path) as demo:
        pid = int(demo.wait_for(r"Worker: process (\d+) is ready; http://\S+/metrics")[1])
        console = demo.wait_for(r"Console: process (\d+); (http://\S+), sign in as demo with (\S+)")
        gateway = demo.wait_for(r"Gateway: process (\d+); (http://\S+), token (\S+) \((\S+)\)")
        assert accepted(gateway[2], gateway[3], payment(gateway[4])) == 202
        assert demo.end(90) == 0, demo.text
    assert re.search(r"^(CRITICAL|HIGH|MEDIUM|LOW) +\d+", demo.text, re.MULTILINE), demo.text
    assert re.search(r"^  - .+\[[a-z-]+ \d+\]", demo.text, re.MULTILINE)
    assert "\x1b" not in demo.text
    assert re.search(r"^Lists: .+ this is no sanctions screening", demo.text, re.MULTILINE)
    found = re.search(r"(\d+) of (\d+) schemes hidden more than 5 s ago were found", demo.text)
    assert found, demo.text
    assert int(found[1]) >= 1
    assert f"Console: 0 verdicts were given at {console[2]}" in demo.text
    assert not alive(pid)
    assert not alive(int(console[1]))
    assert not alive(int(gateway[1]))
    assert list(tmp_path.iterdir()) == []


def test_demo_console_shows_the_alerts_to_the_person_it_names_and_prometheus_sees_all(
    kafka: Kafka, tmp_path: Path
) -> None:
    with started(small(kafka, "--prometheus"), tmp_path) as demo:
        prometheus = demo.wait_for(r"Prometheus: process \d+; (http://\S+)/alerts")[1]
        _, url, password = demo.wait_for(r"Console: process (\d+); (http://\S+), sign in as demo with (\S+)").groups()
        demo.wait_for(r"(?m)^(CRITICAL|HIGH|MEDIUM|LOW) +\d+", 90)
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        form = urllib.parse.urlencode({"name": "demo", "password": password}).encode()
        page, deadline = "", time.monotonic() + 60
        while "data-id=" not in page:
            assert time.monotonic() < deadline, page
            with contextlib.suppress(urllib.error.URLError):  # it answers a few seconds after its start
                target = f"{url}/alerts" if page else f"{url}/sign-in"
                page = browser.open(target, None if page else form, timeout=20).read().decode()
            time.sleep(0.5)
        seen: dict[str, str] = {}
        while seen != dict.fromkeys(PROCESSES, "up"):  # it looks every five seconds
            assert time.monotonic() < deadline, seen
            with urllib.request.urlopen(f"{prometheus}/api/v1/targets", timeout=20) as answer:
                found = json.load(answer)["data"]["activeTargets"]
            seen = {one["labels"]["job"].removeprefix("sluicegate-"): one["health"] for one in found}
            time.sleep(0.2)
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0, demo.text
    assert list(tmp_path.iterdir()) == []


def test_demo_json_prints_nothing_but_alerts(kafka: Kafka) -> None:
    run = subprocess.run(
        small(kafka, "--seconds", 5, "--json", "--no-console"), capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr
    alerts = [json.loads(line) for line in run.stdout.splitlines()]
    assert alerts
    assert all(alert["data"]["reasons"] for alert in alerts)
    assert "Worker: process" in run.stderr


def test_demo_stopped_in_the_middle_leaves_no_process_and_no_folder(kafka: Kafka, tmp_path: Path) -> None:
    with started(small(kafka), tmp_path) as demo:
        pid = int(demo.wait_for(r"Worker: process (\d+) is ready")[1])
        demo.wait_for("Live: ")
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0, demo.text
    assert "Stopped; nothing is left running" in demo.text
    assert "Traceback" not in demo.text
    assert not alive(pid)
    assert list(tmp_path.iterdir()) == []


def test_demo_that_is_killed_takes_its_worker_along(kafka: Kafka, tmp_path: Path) -> None:
    with started(small(kafka), tmp_path) as demo:
        pid = int(demo.wait_for(r"Worker: process (\d+) is ready")[1])
        demo.process.kill()
        demo.end()
    deadline = time.monotonic() + 15
    while alive(pid):
        assert time.monotonic() < deadline, "the worker outlived the demo"
        time.sleep(0.1)
    while list(tmp_path.iterdir()):
        assert time.monotonic() < deadline, "a folder is left behind"
        time.sleep(0.1)


def test_demo_whose_worker_dies_says_so_and_fails(kafka: Kafka, tmp_path: Path) -> None:
    with started(small(kafka), tmp_path) as demo:
        pid = int(demo.wait_for(r"Worker: process (\d+) is ready")[1])
        demo.wait_for("Live: ")
        os.kill(pid, signal.SIGKILL)
        assert demo.end() == 1
    assert "the worker ended with status -9. The end of its log:" in demo.text
    assert "Traceback" not in demo.text


def test_stress_measures_and_judges(kafka: Kafka) -> None:
    load = ("--rate", 60, "--duration", 4, "--warm-up", 1, "--tenants", 3, "--payees", 36, "--history-days", 10)
    arguments = command(kafka, "stress", *load, "--probes", 0.1, "--json")
    run = subprocess.run([*arguments, "--max-p99", "0.001"], capture_output=True, text=True, check=False, timeout=200)
    assert run.returncode == 1, run.stderr
    assert "FAIL: p99 is" in run.stderr
    figures = json.loads(run.stdout)
    assert (figures["sent"], figures["expected"], figures["seen"], figures["drop"]) == (300, 30, 30, 0)
    assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"] <= figures["p100"] < 10
    assert figures["worked"] >= 300
