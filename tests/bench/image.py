"""The image, built and run without a container engine: is it small, and does it work as deployment runs it?

    apt-get install buildah debootstrap
    sudo .venv/bin/python tests/bench/image.py [--base DIR]

Buildah builds deploy/Dockerfile. Where the base cannot be pulled, --base names a folder in which debootstrap made a
Debian (bookworm, with python3-venv, python3-pip and ca-certificates): larger than the real base, and told apart below.
The image's command then runs as process 1 of a namespace of its own, as the image's user, without capabilities, on a
root file system that is read-only but for a tmpfs on /tmp: against a Kafka outside, until it is ready, then SIGTERM.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.network import free_port

ROOT = Path(__file__).parents[2]
TAG = "localhost/sluicegate:bench"
BASE = "docker.io/library/python:3.11-slim-bookworm"
CERTIFICATES = "/etc/ssl/certs"
READY_SECONDS = 60.0
STOP_SECONDS = 5.0

_ENTER = """
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
for node in null urandom; do : > "$root/dev/$node"; mount --bind "/dev/$node" "$root/dev/$node"; done
exec chroot "$root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups \
  --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


def run(*command: str, **options: Any) -> str:
    """What a command says. Raises CalledProcessError."""
    return str(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout).strip()


def make_base(folder: Path) -> None:
    """A base image from a Debian in `folder`, under the name that the Dockerfile asks for."""
    container = run("buildah", "from", "scratch")
    run("buildah", "copy", "-q", container, str(folder), "/")
    run("buildah", "config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
    run("buildah", "commit", "-q", "--rm", container, BASE)


def build() -> float:
    """Build the image; the seconds that took. This machine's certificates are lent to the build, not copied."""
    began = time.monotonic()
    lent = ("--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro", "--env", f"PIP_CERT={CERTIFICATES}/ca-certificates.crt")
    run(
        *("buildah", "bud", "--pull-never", "--isolation", "chroot", "--network", "host", "--format", "docker", *lent),
        *("-f", "deploy/Dockerfile", "-t", TAG, "."),
        cwd=ROOT,
    )
    return time.monotonic() - began


def megabytes(image: str) -> float:
    sizes = json.loads(run("buildah", "images", "--json", image))[0]["size"]
    number, unit = sizes.split()
    return float(number) * {"KB": 1e-3, "MB": 1.0, "GB": 1e3}[unit]


class Container:
    """The image's root, mounted, and the processes that run in it."""

    def __init__(self) -> None:
        self.name = run("buildah", "from", "--pull-never", TAG)
        self.root = run("buildah", "mount", self.name)
        self.config = json.loads(run("buildah", "inspect", TAG))["Docker"]["config"]

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """The entry point with arguments (default: the image's), as process 1, as its user. Its output is ours."""
        environment = dict(pair.split("=", 1) for pair in self.config["Env"]) | variables
        command = [*self.config["Entrypoint"], *(arguments or self.config["Cmd"])]
        entered = ["sh", "-ec", _ENTER, "sh", self.root, self.config["User"], *command]
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", *entered], env=environment, text=True
        )

    def remove(self) -> None:
        run("buildah", "umount", self.name)
        run("buildah", "rm", self.name)


def ready(port: int, process: subprocess.Popen[str]) -> float:
    """Seconds until /readyz says so. RuntimeError where it ends instead or does not within a minute."""
    began = time.monotonic()
    while (spent := time.monotonic() - began) < READY_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return spent
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"not ready after {READY_SECONDS:.0f} s")


def process_one(process: subprocess.Popen[str]) -> int:
    """The process that the namespace was made for: unshare's only child."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def try_worker(container: Container, broker: str) -> bool:
    """Start a worker, look at what it may do and whether it is healthy, end it. Whether all was as it should be."""
    port = free_port()
    worker = container.start(SLUICEGATE_BROKER=broker, SLUICEGATE_WEB_PORT=str(port))
    try:
        print(f"worker ready after {ready(port, worker):.1f} s")
        pid = process_one(worker)
        has = status(pid)
        user, number, resident = has["Uid"].split()[1], has["NSpid"].split()[-1], int(has["VmRSS"].split()[0]) // 1024
        print(f"  user {user}, capabilities {has['CapEff']}, process {number} in it, {resident} MB resident")
        probe = [*container.config["Healthcheck"]["Test"]]
        sound = subprocess.run(probe[1:], env={**os.environ, "SLUICEGATE_WEB_PORT": str(port)}, check=False).returncode
        print(f"  health check: exit status {sound}")
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        ended = worker.wait(STOP_SECONDS * 2)
        spent = time.monotonic() - began
        print(f"  SIGTERM: exit status {ended} after {spent:.1f} s")
        confined = (user, number, int(has["CapEff"], 16)) == ("10001", "1", 0)
        return confined and sound == 0 and ended == 0 and spent < STOP_SECONDS
    finally:
        worker.kill()


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--base", type=Path, help="a Debian made by debootstrap, in place of the base image")
    options.add_argument("--no-build", action="store_true", help="run what was built before")
    chosen = options.parse_args()
    if chosen.base:
        make_base(chosen.base)
    if not chosen.no_build:
        print(f"built in {build():.0f} s")
    whole, base = megabytes(TAG), megabytes(BASE)
    print(f"image {whole:.0f} MB, of which the base {base:.0f} MB and Sluicegate {whole - base:.0f} MB")
    container = Container()
    try:
        java = [path for path in Path(container.root).rglob("*") if path.name == "java" or path.suffix == ".jar"]
        print(f"Java and jars in it: {len(java)}")
        told = container.start("--version").wait()
        with EmbeddedKafka() as kafka:
            topics = container.start("topics", "create", SLUICEGATE_BROKER=kafka.bootstrap).wait()
            worked = try_worker(container, kafka.bootstrap)
    finally:
        container.remove()
    good = worked and not java and told == topics == 0
    print("good" if good else "BAD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
