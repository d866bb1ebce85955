"""Payment files of any size through `sluicegate import`: python -m tests.bench.imports [--transactions N] [--send].

For each format a file of N transactions is written (a million, unless told otherwise), one in a thousand of them made
unusable, and imported by the command in a process of its own. Told: time, transactions a second, the most memory it
held, and what became of every transaction. With --send the events go to an embedded Kafka instead of a file. Exit
status 0 when each transaction is accounted for, every bad one was refused with its line, and no event is there twice.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from tests.bench.harness import Verdict, arguments, headline, make_topics, say, surroundings, table
from tests.streams.kafka import Kafka

SPOIL_EVERY = 1000
AMOUNTS = {
    "pain001": re.compile(rb'(?<=<InstdAmt Ccy="EUR">)\d'),
    "pacs008": re.compile(rb'(?<=<IntrBkSttlmAmt Ccy="EUR">)\d'),
    "nacha": re.compile(rb"(?<=\n)6[^\n]{28}\d"),
    "csv": re.compile(rb"(?<=,)\d+\.\d(?=\d,JUNE)"),
}
"""Of each format the text that ends with a digit of an amount, which is made another sign."""
_BLOCK = 4 << 20


def spoil(source: Path, target: Path, pattern: re.Pattern[bytes]) -> int:
    """Copy the file; every thousandth amount is none then. How many that are."""
    count = 0

    def changed(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        return found.group() if count % SPOIL_EVERY else found.group()[:-1] + b"x"

    with source.open("rb") as file, target.open("wb") as out:
        while block := file.read(_BLOCK):
            out.write(pattern.sub(changed, block + file.readline()))
    return count // SPOIL_EVERY


def run(command: list[str], errors: Path) -> tuple[int, float, float, int]:
    """Exit status, seconds, processor seconds and the most memory (MiB) of a command."""
    began, most = time.monotonic(), 0
    with errors.open("wb") as told:
        process = subprocess.Popen(command, stderr=told)
        while True:
            # not `ru_maxrss`, which begins with what this process held when it forked
            most = max(most, peak(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(0.1)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, time.monotonic() - began, used.ru_utime + used.ru_stime, most >> 10


def peak(pid: int) -> int:
    """The most memory (KiB) that a process has held; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


def measure(name: str, asked: argparse.Namespace, folder: Path, kafka: Kafka | None, verdict: Verdict) -> list[object]:
    """Write, spoil and import a file of this format; a row of the table."""
    whole, file = folder / f"{name}.whole", folder / f"{name}.file"
    say(f"{name}: {asked.transactions:,} transactions are written")
    import_module(f"tests.bench.import_samples.{name}").write_sample(whole, asked.transactions)
    spoiled = spoil(whole, file, AMOUNTS[name])
    command = [sys.executable, "-m", "sluicegate.cli.main", "import", name, str(file), "--tenant", "acme"]
    command += ["--secret-file", str(folder / "secret")]
    if name == "csv":
        command += ["--mapping", str(whole.with_suffix(".toml"))]
    events, letters, told = folder / "events.jsonl", folder / "letters.jsonl", folder / "told"
    if kafka is None:
        command += ["--out", str(events), "--dead-letters", str(letters)]
    else:
        command += ["--send", "--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix]
    before = 0 if kafka is None else in_topics(kafka)
    status, seconds, cpu, memory = run(command, told)
    said = told.read_text()
    say("".join(f"  {line}\n" for line in said.splitlines()[:4]).rstrip())
    verdict.check(status == 1, f"{name}: its bad transactions end it with status 1")
    if kafka is None:
        ids = {json.loads(line)["id"] for line in events.open("rb")}
        bad = [json.loads(line) for line in letters.open("rb")]
        verdict.check(
            len(ids) + len(bad) == asked.transactions,
            f"{name}: each transaction is an event of its own or a dead letter",
        )
        verdict.check(len(bad) == spoiled, f"{name}: those that were made bad are refused")
        verdict.check(all(one["detail"]["path"].startswith("line ") for one in bad), f"{name}: each with its line")
    else:
        sent = in_topics(kafka) - before
        verdict.check(sent == asked.transactions, f"{name}: each transaction is on its topic or a dead letter")
    size = file.stat().st_size >> 20
    for path in (whole, file, events, letters):
        path.unlink(missing_ok=True)
    return [name, f"{size:,} MiB", seconds, asked.transactions / seconds, cpu, f"{memory} MiB", spoiled]


def in_topics(kafka: Kafka) -> int:
    """Records of payments and dead letters."""
    return sum(
        sum(kafka.end_offsets(name).values()) for name in ("payroll-payments", "vendor-payments", "dead-letters")
    )


def main() -> int:
    asked = arguments(
        __doc__,
        transactions=(1_000_000, "of each file"),
        formats=(",".join(AMOUNTS), "which, with commas between"),
        send=(False, "to Kafka instead of a file"),
    )
    headline("Import of payment files")
    verdict = Verdict()
    with ExitStack() as stack:
        kafka: Kafka | None = None
        if asked.send:
            kafka, folder = stack.enter_context(surroundings(asked.broker))
            make_topics(kafka)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluicegate-bench-")))
        (folder / "secret").write_bytes(b"0123456789abcdef0123456789abcdef")
        rows = [measure(name, asked, folder, kafka, verdict) for name in asked.formats.split(",")]
    table(rows, ("format", "file", "seconds", "transactions/s", "CPU s", "peak memory", "made bad"))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
