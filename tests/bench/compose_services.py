"""Sluicegate's services of deploy/compose.yaml, started by hand from the image: environments, order, health checks.

    sudo .venv/bin/python tests/bench/image.py            # builds the image
    sudo .venv/bin/python tests/bench/compose_services.py [--seconds 30]

For machines without an engine that runs compose. Each service starts when what it depends on is healthy, with exactly
the variables of the file, as image.py runs containers. Kafka (embedded) and PostgreSQL run outside, on the ports that
the file gives them; the names `kafka` and `postgres` are this machine. As all share its network, each service listens
on a loopback address of its own: that setting alone differs.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sqlalchemy import create_engine

from sluicegate.embedded import EmbeddedKafka
from tests.bench.image import Container, process_one, status
from tests.console.postgres import server
from tests.deploy.test_compose import OURS, environment, filled

HOSTS = ("WEB", "LAG", "CANARY", "CONSOLE", "CONSOLE_OPS")
HEALTHY_SECONDS = 90.0
CANARY_SECONDS = 100.0
SERVED = ("worker-1", "worker-2", "lag", "canary", "console")


class Service:
    """A service of the file: its process, and whether it is as others need it."""

    def __init__(self, name: str, number: int, container: Container) -> None:
        self.name = name
        self.definition: dict[str, Any] = OURS[name]
        self.address = f"127.0.2.{number}"
        variables = environment(self.definition) | {f"SLUICEGATE_{host}_HOST": self.address for host in HOSTS}
        words = [filled(str(word)) for word in self.definition["command"]]
        self.began = time.monotonic()
        self.process = container.start(*words, **variables)

    def fits(self, condition: str) -> bool:
        if condition == "service_completed_successfully":
            return self.process.poll() == 0
        code = self.definition["healthcheck"]["test"][-1].replace("127.0.0.1", self.address)
        return subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0

    def wait(self, condition: str) -> None:
        """RuntimeError when it does not come to it, or ends."""
        while not self.fits(condition):
            if time.monotonic() - self.began > HEALTHY_SECONDS or (self.process.poll() or 0) != 0:
                raise RuntimeError(f"{self.name}: not {condition}, exit status {self.process.poll()}")
            time.sleep(0.3)

    def metric(self, name: str, port: int) -> float:
        """Sum over its labels."""
        with urllib.request.urlopen(f"http://{self.address}:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return sum(float(value) for value in re.findall(rf"(?m)^{name}(?:{{.*}})? (\S+)$", text))

    def end(self) -> tuple[int, float]:
        """SIGTERM: exit status and seconds."""
        began = time.monotonic()
        os.kill(process_one(self.process), signal.SIGTERM)
        return self.process.wait(15), time.monotonic() - began


def start_all(container: Container) -> dict[str, Service]:
    """Each when its dependencies are as it wants them."""
    running: dict[str, Service] = {}
    wanted = [name for name, definition in OURS.items() if "profiles" not in definition]
    for number, name in enumerate(wanted, 1):  # the file's order is one in which dependencies come first
        for other, need in OURS[name]["depends_on"].items():
            if other in OURS:
                running[other].wait(need["condition"])
        running[name] = Service(name, number, container)
    for name in SERVED:
        running[name].wait("service_healthy")
        print(f"{name}: healthy {time.monotonic() - running[name].began:.1f} s after its start, or before")
    return running


def console_status(console: Service) -> int:
    """Of its first page."""
    try:
        with urllib.request.urlopen(f"http://{console.address}:8080/", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def wait_for_canary(canary: Service) -> float:
    """The payments whose alert it saw, once there is one; it sends one a minute."""
    deadline = time.monotonic() + CANARY_SECONDS
    while not (seen := canary.metric("sluicegate_canary_seen_total", 6068)) and time.monotonic() < deadline:
        time.sleep(1)
    return seen


def make_database(url: str) -> None:
    """What the environment of the service `postgres` makes."""
    admin = create_engine(url + "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE console LOGIN")
        connection.exec_driver_sql("CREATE DATABASE console OWNER console")
    admin.dispose()


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=30.0, help="of live events")
    chosen = options.parse_args()
    with ExitStack() as stack:
        stack.enter_context(EmbeddedKafka(port=9092))
        make_database(stack.enter_context(server(5432)))
        container = Container()
        stack.callback(container.remove)
        Path(container.root, "etc", "hosts").write_text("127.0.0.1 localhost kafka postgres\n")
        running = start_all(container)
        for service in running.values():
            stack.callback(service.process.kill)
        generator = Service("generator", 99, container)
        time.sleep(chosen.seconds)
        print(f"console without a sign-in: {console_status(running['console'])}")
        alerts = sum(running[name].metric("sluicegate_alerts_total", 6066) for name in ("worker-1", "worker-2"))
        seen = wait_for_canary(running["canary"])
        lost = running["canary"].metric("sluicegate_canary_lost_total", 6068)
        sends = generator.process.poll() is None
        print(f"alerts {alerts:.0f}; canary seen {seen:.0f}, lost {lost:.0f}; generator runs: {sends}")
        healthy = all(running[name].fits("service_healthy") for name in SERVED) and sends
        os.kill(process_one(generator.process), signal.SIGKILL)
        used = {name: status(process_one(running[name].process))["VmRSS"] for name in SERVED}
        print(
            "memory: " + ", ".join(f"{name} {int(kilobytes.split()[0]) // 1024} MB" for name, kilobytes in used.items())
        )
        ended = {name: running[name].end() for name in reversed(SERVED)}
        print("SIGTERM: " + ", ".join(f"{name} {code} after {spent:.1f} s" for name, (code, spent) in ended.items()))
        good = healthy and alerts > 0 and seen > 0 and not any(code for code, _ in ended.values())
    print("good" if good else "BAD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
