"""Records that are no events: each gets a letter with reason and place, and everything around them goes on."""

import base64
import copy
import hashlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.streams import events
from tests.streams.kafka import Kafka, Record
from tests.streams.trial import progress_of
from tests.streams.workers import WorkerProcess, running

MALFORMED = 10_000
LARGE = 8  # of them over 1 MiB: a letter for each, not ten gigabytes
EVERY_GOOD = 20


class Wrong(NamedTuple):
    """A malformed value, and the letter it should get; `path` is a JSON Pointer."""

    value: bytes | None
    reason: str
    path: str = ""


def _encode(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def _with(event: dict[str, Any], path: str, value: object) -> bytes:
    """The event with another value at a pointer; removed where it is `...`."""
    changed = copy.deepcopy(event)
    *parents, last = path.strip("/").split("/")
    place = changed
    for name in parents:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return _encode(changed)


def _at(path: str, reason: str, *values: object) -> Callable[[dict[str, Any], random.Random], Wrong]:
    return lambda event, chance: Wrong(_with(event, path, chance.choice(values)), reason, path)


def _cut(event: dict[str, Any], chance: random.Random) -> Wrong:
    whole = _encode(event)
    return Wrong(whole[: chance.randrange(1, len(whole))], "not_json")


def _bits(event: dict[str, Any], chance: random.Random) -> Wrong:
    """Random bytes: no JSON object, and not 0x00 in front, which would be a schema id."""
    return Wrong(b"\x01" + chance.randbytes(chance.randrange(40)), "not_json")


def _no_object(event: dict[str, Any], chance: random.Random) -> Wrong:
    return Wrong(chance.choice([b"", b"null", b"[]", b"5", b'"x"', b"NaN", None]), "not_json")


def _no_text(event: dict[str, Any], chance: random.Random) -> Wrong:
    """Bytes that are not UTF-8, and half of a surrogate pair, in the tenant's name."""
    what = chance.choice([b"\xff\xfe", b"\xc3", b"\\ud800"])
    return Wrong(_encode(event).replace(b'"tenantid":"', b'"tenantid":"' + what, 1), "not_json")


def _framed(event: dict[str, Any], chance: random.Random) -> Wrong:
    """A schema id, or the start of one, and nothing after it."""
    return Wrong(b"\0" + b"\1" * chance.randrange(5), "bad_framing")


def _huge(event: dict[str, Any], chance: random.Random) -> Wrong:
    """A number with so many digits that reading it as one would take long."""
    value = _with(event, "/data/amount/value", 12345678)
    digits = chance.choice([b"9" * 5000, b"1e999999", b"-1e400", b"0." + b"1" * 5000])
    return Wrong(value.replace(b"12345678", digits, 1), "bad_amount", "/data/amount/value")


def _deep(event: dict[str, Any], chance: random.Random) -> Wrong:
    depth = chance.randrange(150, 3000)
    value = _with(event, "/data/note", "deep")
    return Wrong(value.replace(b'"deep"', b"[" * depth + b"]" * depth, 1), "not_json")


def _other_topic(event: dict[str, Any], chance: random.Random) -> Wrong:
    return Wrong(_with(event, "/type", "payroll.payment.v1"), "wrong_topic", "/type")


def _internal(event: dict[str, Any], chance: random.Random) -> Wrong:
    return Wrong(_with(event, "/type", "clock.tick.v1"), "unknown_type", "/type")


KINDS: tuple[Callable[[dict[str, Any], random.Random], Wrong], ...] = (
    _cut,
    _bits,
    _huge,
    _deep,
    _other_topic,
    _internal,
    _no_object,
    _framed,
    _no_text,
    _at("/type", "unknown_type", "no.such.v1", "alert.v1", "VENDOR.PAYMENT.V1"),
    _at("/tenantid", "missing_tenant", ..., 5, "", "with space", "x" * 300),
    _at("/tenantid", "schema_violation", "*"),
    _at("/time", "bad_time", ..., "yesterday", 1e300, "1999-12-31T23:59:59Z", "2099-01-01T00:00:00Z"),
    _at("/id", "bad_envelope", ..., "", 7, None, ["x"]),
    _at("/specversion", "bad_envelope", "0.3", 1.0, ...),
    _at("/data", "schema_violation", [], "x", 1, True),
    _at("/data/payee", "schema_violation", ..., 5, "V1", [1]),
    _at("/data/account", "schema_violation", [], -1, "DE00"),
    _at("/data/payee/kind", "schema_violation", "robot", 1, ""),
    _at("/data/amount/value", "bad_amount", 100, 1.5, "-5.00", "1e9", "abc", "1" * 19, ""),
)


def malformed(seed: int) -> list[Wrong]:
    """Ten thousand, of every kind, in random order."""
    chance = random.Random(seed)
    found = [KINDS[n % len(KINDS)](events.payment(f"t{n % 9}"), chance) for n in range(MALFORMED - LARGE)]
    found += [Wrong(_with(events.payment(), "/data/note", "x" * (1_050_000 + n)), "too_large") for n in range(LARGE)]
    chance.shuffle(found)
    return found


def worked_through(kafka: Kafka, worker: WorkerProcess, sent: int, timeout: float = 120) -> None:
    """Wait until `sent` records are placed or refused, and the log is worked through: no lag is left."""
    deadline = time.monotonic() + timeout

    def done() -> bool:
        placed = worker.metric("sluicegate_intake_records_total")
        return placed >= sent and worker.metric("sluicegate_log_position") == sum(kafka.end_offsets("events").values())

    while not done():
        assert worker.process.poll() is None, worker.text()
        assert time.monotonic() < deadline, f"not worked through within {timeout} s"
        time.sleep(0.1)


def applied(kafka: Kafka) -> int:
    progress = progress_of(kafka).values()
    assert all(each.balanced for each in progress)
    return sum(each.counts.applied for each in progress)


def check(letter: Record, wrong: Wrong) -> None:
    """Reason, pointer, and the record as it was, or the start and the hash of a long one."""
    told = letter.json
    assert (told["reason"], told["detail"]["path"]) == (wrong.reason, wrong.path), (wrong.value or b"")[:300]
    assert told["detail"]["message"]
    if wrong.value is None:
        assert told.get("value_b64") is None
    elif wrong.reason == "too_large":
        assert told["value_sha256"] == hashlib.sha256(wrong.value).hexdigest()
        assert wrong.value.startswith(base64.b64decode(told["value_b64"]))
    else:
        assert base64.b64decode(told["value_b64"]) == wrong.value


def test_ten_thousand_malformed_records_get_a_letter_each_and_stop_nothing(kafka: Kafka, tmp_path: Path) -> None:
    wrongs = malformed(seed=5)
    mixed: list[Wrong | bytes] = []
    for number, wrong in enumerate(wrongs):
        mixed.append(wrong)
        if number % EVERY_GOOD == 0:
            mixed.append(_encode(events.payment(f"t{number % 9}", f"V{number}")))
    good = sum(isinstance(each, bytes) for each in mixed)
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        values = [each if isinstance(each, bytes) else each.value for each in mixed]
        places = kafka.send("vendor-payments", values, key="k", partition=1)
        worked_through(kafka, worker, len(mixed))
        assert worker.get("readyz")[0] == 200
        assert worker.get("livez")[0] == 200
        assert worker.metric("sluicegate_dead_letters_total") == MALFORMED
        kafka.send("vendor-payments", [events.payment("after")])
        worked_through(kafka, worker, len(mixed) + 1)
        assert worker.terminate()[0] == 0
    assert applied(kafka) == good + 1
    letters = kafka.read("dead-letters")
    assert Counter(Counter(letter.key for letter in letters).values()) == {1: MALFORMED}
    by_key = {letter.key: letter for letter in letters}
    for each, (partition, offset) in zip(mixed, places, strict=True):
        key = f"{kafka.topic('vendor-payments')}/{partition}/{offset}".encode()
        if isinstance(each, bytes):
            assert key not in by_key
        else:
            check(by_key[key], each)


def test_redrive_delivers_what_was_refused_once_the_fault_is_mended(kafka: Kafka, tmp_path: Path) -> None:
    # a worker of an older version, which does not know one of the types yet
    old = (
        "import sluicegate.app\n"
        "from sluicegate.wire.events import TYPES\n"
        "del TYPES['vendor.payment.v1']\n"
        "sluicegate.app.main()\n"
    )
    before, after = WorkerProcess(kafka, tmp_path, "old", program=old), WorkerProcess(kafka, tmp_path, "new")
    with running(before, after):
        before.start().ready()
        kafka.send("vendor-payments", [events.payment(f"t{n % 9}", f"V{n}") for n in range(50)])
        worked_through(kafka, before, 50)
        assert before.terminate()[0] == 0
        after.start().ready()
        # a producer whose clock is days behind: what it sends happens after it arrived
        late = int((events.START - timedelta(days=3)).timestamp() * 1000)
        kafka.send("payroll-payments", [events.payment(kind="employee") for _ in range(10)], timestamp=late)
        kafka.send("vendor-payments", [b"{"])
        worked_through(kafka, after, 11)
        assert applied(kafka) == 0
        reasons = Counter(letter.json["reason"] for letter in kafka.read("dead-letters"))
        assert reasons == {"unknown_type": 50, "bad_time": 10, "not_json": 1}
        for reason, count in (("unknown_type", 50), ("bad_time", 10)):
            assert f"{count}  " in redrive(kafka, reason)
        worked_through(kafka, after, 71)
        assert applied(kafka) == 60
        assert "50  " in redrive(kafka, "unknown_type")  # what was delivered meanwhile falls out as a duplicate
        worked_through(kafka, after, 121)
        assert applied(kafka) == 60
        assert len(kafka.read("dead-letters")) == 61
        assert after.terminate()[0] == 0


def redrive(kafka: Kafka, reason: str) -> str:
    where = ["--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix]
    command = [sys.executable, "-m", "sluicegate.cli.main", "dead-letters", "redrive", "--reason", reason, *where]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
