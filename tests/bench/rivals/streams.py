"""Labelled payments: events as they are fed to detection, plain features as other detectors would be given them."""

import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parents[4] / "shared/data/payments"
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Stream(NamedTuple):
    """One labelled stream; arrays have a row a payment, in order of time."""

    name: str
    lines: list[bytes]
    ids: list[str]
    """`source#id`, as score lines say it."""
    payees: list[str]
    amounts: Floats
    days: Floats
    """Days since the first payment."""
    runs: list[str]
    """Pay run; for vendors the local date."""
    labels: Bools
    kinds: npt.NDArray[np.int64]
    """Of anomaly; 0 for none."""
    first: Bools
    """Scored, first half of the scored time: what may be tuned on."""
    second: Bools
    raw: Floats
    """Features without memory of the payee, see `_raw`."""
    raw_names: list[str]


def load(name: str, limit: int = 0) -> Stream:
    """`vendor` or `payroll`; the first `limit` payments, all where 0."""
    with (DATA / f"{name}-labelled.labels.csv").open(encoding="utf-8") as file:
        start = _time(next(file).rpartition(" ")[2].strip())
        known = {row["event_id"]: int(row["label"]) for row in csv.DictReader(file)}
    with gzip.open(DATA / f"{name}-labelled.events.jsonl.gz") as packed:
        lines = list(islice(packed, limit or None))
    events = [json.loads(line) for line in lines]
    times = np.array([_time(event["time"]) for event in events])
    kinds = np.array([known[event["id"]] for event in events])
    middle = start + (times[-1] - start) / 2
    raw, names = _raw(name, events)
    return Stream(
        name,
        lines,
        [f"{event['source']}#{event['id']}" for event in events],
        [event["data"]["payee"]["payee_id"] for event in events],
        np.array([float(event["data"]["amount"]["value"]) for event in events]),
        (times - times[0]) / 86400,
        [event["data"]["schedule"].get("run_id") or event["time"][:10] for event in events],
        kinds > 0,
        kinds,
        (times >= start) & (times < middle),
        times >= middle,
        raw,
        names,
    )


def policy(stream: Stream, rules: dict[str, object], *, limits: bool) -> bytes:
    """A policy in force from the first payment on; `limits`: the approval limits under which anomalies were placed."""
    event = json.loads(stream.lines[0])
    data: dict[str, object] = {"rules": rules, "base_currency": event["data"]["amount"]["currency"]}
    if limits:
        data["limits"] = ["5000", "10000", "25000"]
    head = {name: event[name] for name in ("specversion", "source", "time", "tenantid")}
    return json.dumps(head | {"id": "policy", "type": "policy.update.v1", "data": data}).encode()


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _raw(name: str, events: list[dict[str, object]]) -> tuple[Floats, list[str]]:
    """What an event says of itself: amount, calendar, and how common its department, category and so on are so far."""
    rows, names = [], ["log_amount", "weekday", "day_of_month"]
    common = ["department", "category", "code"] if name == "vendor" else ["department", "peer_group"]
    names += [f"{field}_share" for field in common]
    names += ["off_cycle", "overtime_share"] if name == "payroll" else []
    seen: dict[str, Counter[str]] = {field: Counter() for field in common}
    for number, event in enumerate(events):
        data: dict[str, dict[str, str]] = event["data"]  # type: ignore[assignment]
        at = datetime.fromisoformat(str(event["time"]))
        row = [math.log1p(max(float(data["amount"]["value"]), 0.0)), at.weekday(), at.day]
        for field in common:
            value = (data["payee"] if field == "peer_group" else data.get("ledger", {})).get(field, "")
            row.append(seen[field][value] / (number + 1))
            seen[field][value] += 1
        if name == "payroll":
            row += [float(data["schedule"].get("run_type") == "off_cycle"), _overtime(event)]
        rows.append(row)
    return np.array(rows, dtype=float), names


def _overtime(event: dict[str, object]) -> float:
    parts: list[dict[str, str]] = event["data"].get("purpose", {}).get("components", [])  # type: ignore[attr-defined]
    total = sum(float(part["amount"]) for part in parts)
    return sum(float(part["amount"]) for part in parts if part["type"] == "overtime") / total if total else 0.0


def rows(matrix: Floats, names: list[str]) -> Iterator[dict[str, float]]:
    """The rows of a matrix as River takes them."""
    for row in matrix.tolist():
        yield dict(zip(names, row, strict=True))
