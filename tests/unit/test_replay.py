"""Files in, alerts out: line numbers, the end of the input, exported logs, scores."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from sluicegate.detection.partition import Output
from sluicegate.replay import EXPORT, Replay
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, HOUR, START, Tale, entry, payee, play
from tests.scenarios.changed_account import unannounced_account
from tests.scenarios.pay_spike import decimal_slip
from tests.scenarios.shared_account import three_contractors_one_account


def tale() -> Tale:
    t = Tale()
    t.listed(entry("L1", "ANDREYEV, Vitaliy"))
    three_contractors_one_account(t)
    unannounced_account(t)
    t.pay(payee("E7", name="Vitaliy Andreyev"), at=100 * DAY)
    return t


def export(lines: list[bytes], *, base64: bool = False) -> list[bytes]:
    """The lines as an exported log: records with offsets, times, headers."""
    head = json.dumps({"type": EXPORT, "partition": 0}).encode()
    return [head, *(json.dumps(_record(n, line, base64)).encode() for n, line in enumerate(lines))]


def _record(offset: int, line: bytes, base64: bool) -> dict[str, Any]:
    headers = {"sg-topic": b"vendor-payments", "sg-partition": b"3", "sg-offset": str(1000 + offset).encode()}
    record: dict[str, Any] = {
        "offset": offset,
        "timestamp": START // 1000 + offset,
        "key": "acme",
        "headers": {name: b64encode(value).decode() for name, value in headers.items()},
    }
    if base64:
        return record | {"value_b64": b64encode(line).decode()}
    return record | {"value": json.loads(line)}


def replayed(*files: list[bytes], scored: bool = False) -> tuple[list[Output], list[bytes], Replay]:
    outputs: list[Output] = []
    scores: list[bytes] = []
    replay = Replay(outputs.append, scores.append if scored else None)
    for number, lines in enumerate(files):
        replay.feed(f"file{number}.jsonl", lines)
    replay.finish()
    return outputs, scores, replay


def values(outputs: list[Output], topic: str = "alerts") -> list[bytes]:
    return [o.value for o in outputs if o.topic == topic]


# plain files


def test_same_input_gives_the_same_bytes() -> None:
    assert play(tale().lines).outputs == play(tale().lines).outputs


@pytest.mark.parametrize("size", [1, 2, 7])
def test_cutting_the_input_into_files_changes_nothing(size: int) -> None:
    lines = tale().lines
    files = [lines[start : start + size] for start in range(0, len(lines), size)]
    assert replayed(*files)[0] == replayed(lines)[0]


def test_output_is_canonical_json() -> None:
    for value in values(replayed(tale().lines)[0]):
        text = json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert value == text.encode()


def test_dead_letter_names_file_and_line_from_zero_and_empty_lines_count() -> None:
    good = tale().lines[-1]
    outputs, _, replay = replayed([b"{\n"], [b"\n", good + b"\r\n", b"   \n", b"[1]\n"])
    letters = [json.loads(value) for value in values(outputs, "dead-letters")]
    assert [(x["topic"], x["partition"], x["offset"]) for x in letters] == [
        ("file0.jsonl", 0, 0),
        ("file1.jsonl", 0, 3),
    ]
    assert [x["received_at"] for x in letters] == [None, format_time(START + 100 * DAY)]
    assert (replay.counts.applied, replay.counts.dead_letters) == (1, 2)


def test_waiting_rules_resolve_at_the_end() -> None:
    t = Tale()
    decimal_slip(t)
    (alert,) = t.play().alerts
    assert alert["created_at"] == format_time(START + 56 * DAY + 6 * HOUR)


def test_end_comes_seven_days_after_the_last_event_and_expires_what_is_due() -> None:
    t = Tale()
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)
    t.pay("E9", at=394 * DAY - 1)
    assert [a["activity"] for a in t.play().alerts] == ["create"]
    t.pay("E9", at=394 * DAY)
    assert [a["activity"] for a in t.play().alerts] == ["close"]


def test_nothing_in_nothing_out() -> None:
    outputs, _, replay = replayed([])
    assert (outputs, replay.counts.total) == ([], 0)


# exported logs


@pytest.mark.parametrize("base64", [False, True])
def test_exported_log_gives_the_alerts_of_the_plain_events(base64: bool) -> None:
    lines = tale().lines
    plain, exported = replayed(lines)[0], replayed(export(lines, base64=base64))[0]
    assert values(plain)
    assert values(exported) == values(plain)


def test_exported_log_ends_where_it_ends() -> None:
    t = Tale()
    decimal_slip(t)
    assert values(replayed(export(t.lines))[0]) == []


def test_exported_log_keeps_its_ticks() -> None:
    t = Tale()
    decimal_slip(t)
    at = START // 1000 * 1000 + len(t.lines) * 1000 + 6 * HOUR
    t.add("clock.tick.v1", 56 * DAY, {"at": format_time(at)}, tenantid="*")
    assert len(values(replayed(export(t.lines))[0])) == 1


def test_dead_letter_of_an_exported_log_names_the_source_record() -> None:
    (value,) = values(replayed(export([b"{"], base64=True))[0], "dead-letters")
    letter = json.loads(value)
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("vendor-payments", 3, 1000)
    assert letter["received_at"] == format_time(START // 1000 * 1000)


# scores


def test_every_payment_is_scored_once_whether_or_not_it_alerts() -> None:
    lines = tale().lines
    payments = [json.loads(line) for line in lines if b".payment.v1" in line]
    _, scores, _ = replayed(lines, scored=True)
    scored = [json.loads(line) for line in scores]
    assert [one["event"] for one in scored] == [f"{event['source']}#{event['id']}" for event in payments]
    assert all(sum(one["parts"].values()) == pytest.approx(1) and one["score"] >= 0 for one in scored)


@pytest.mark.parametrize(("mode", "lines"), [("live", 1), ("shadow", 1), ("off", 0)])
def test_scores_are_written_in_every_mode_but_off(mode: str, lines: int) -> None:
    t = Tale()
    t.policy(rules={"unusual-payment": {"mode": mode}})
    t.pay("V1")
    assert len(replayed(t.lines, scored=True)[1]) == lines


def test_scores_change_no_alert() -> None:
    lines = tale().lines
    assert replayed(lines, scored=True)[0] == replayed(lines)[0]
