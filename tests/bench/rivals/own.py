"""Sluicegate's detector as users run it: lines through `Replay`, scores as `--scores` writes them."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from sluicegate.replay import Replay
from tests.bench.rivals.streams import Floats

RULE = "unusual-payment"
OFF: dict[str, object] = {RULE: {"mode": "off"}}


class _Line(msgspec.Struct):
    event: str
    score: float
    parts: dict[str, float] = {}


_LINE = msgspec.json.Decoder(_Line)
_ANY = msgspec.json.Decoder(dict[str, Any])


class Run(NamedTuple):
    """A replay: score and parts by event, payments that the rule reported, and what was kept."""

    scores: dict[str, float]
    parts: dict[str, dict[str, float]]
    """Each signal's share of the score times the score."""
    alerts: list[bytes]
    """Revisions as they come out, `alerts` only."""
    cpu: float
    """Processor seconds."""
    sizes: dict[str, int]
    """Bytes of state by kind of record."""
    payees: int


def replay(lines: Iterable[bytes]) -> Run:
    """Everything through the core, in memory.

    Raises: the first fault of detection's own code, which would make all figures wrong.
    """
    scores: dict[str, float] = {}
    parts: dict[str, dict[str, float]] = {}
    alerts: list[bytes] = []
    written: list[bytes] = []
    run = Replay(lambda output: alerts.append(output.value) if output.topic == "alerts" else None, written.append)
    start = time.process_time()
    run.feed("bench", lines)
    run.finish()
    cpu = time.process_time() - start
    for fault in run.faults:
        raise fault
    for text in written:
        line = _LINE.decode(text)
        scores[line.event] = line.score
        parts[line.event] = {name: share * line.score for name, share in line.parts.items()}
    sizes: dict[str, int] = defaultdict(int)
    payees = 0
    for key, value in run.partition.items():
        kind = key.split("|", 2)[1]
        sizes[kind] += len(value)
        payees += kind == "payee"
    return Run(scores, parts, alerts, cpu, dict(sizes), payees)


def in_order(run: Run, ids: Sequence[str]) -> Floats:
    """Scores by payment; 0 for what was not scored (an amount that is no payment, for one)."""
    return np.array([run.scores.get(id, 0.0) for id in ids])


def matrix(run: Run, ids: Sequence[str]) -> tuple[Floats, list[str]]:
    """What each signal gave to each payment's score, and the signals' names."""
    names = sorted({name for parts in run.parts.values() for name in parts})
    empty: dict[str, float] = {}
    return np.array([[run.parts.get(id, empty).get(name, 0.0) for name in names] for id in ids]), names


def reported(run: Run) -> set[str]:
    """Events (`source#id`) of alerts of which the rule is a reason."""
    found: set[str] = set()
    for text in run.alerts:
        data = _ANY.decode(text)["data"]
        for reason in data["reasons"]:
            if reason["rule"] == RULE:
                found.update(reason["event_ids"])
    return found
