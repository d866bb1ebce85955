"""What verdicts are worth: labelled payments with and without them, prequential, in one run.

Each payment that `unusual-payment` reports gets a verdict by its label a week later, as an analyst would give it: one
on the alert, confirmed if any of its reported payments is labelled. Scores are those of `replay --scores`, given before
the verdict. The first half of the scored time is for tuning; the second half is reported apart. `--share` sets the
budget, and with it how many verdicts there are.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sklearn.metrics import average_precision_score

from sluicegate.detection.calendar import DAY
from sluicegate.detection.partition import Output
from sluicegate.replay import Replay
from sluicegate.wire.scalars import format_time, parse_time

PAYMENTS = Path(__file__).parents[3] / "shared/data/payments"
RULE = "unusual-payment"
WAIT = 7 * DAY
AIMS = {"payroll": 0.80, "vendor": 0.19}


class Stream(NamedTuple):
    name: str
    lines: list[tuple[str, str, bytes]]
    """(id, time, event)"""
    labels: dict[str, int]
    start: str
    """Date from which payments count."""


def stream_of(name: str) -> Stream:
    first, _, *rest = (PAYMENTS / f"{name}-labelled.labels.csv").read_text().splitlines()
    labels = {id: int(label) for id, label in (line.split(",") for line in rest)}
    with gzip.open(PAYMENTS / f"{name}-labelled.events.jsonl.gz") as file:
        events = [(json.loads(line), line) for line in file]
    return Stream(name, [(event["id"], event["time"], line) for event, line in events], labels, first.split()[-1])


class Desk:
    """Analysts who look at each reported payment after a week."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._times = {id: parse_time(time) or 0 for id, time, _ in stream.lines}
        self._due: list[tuple[int, str, bool]] = []
        self._seen: dict[str, set[str]] = {}
        self._judged: set[str] = set()
        self.reported: dict[str, int] = {}
        """Event of each payment that was reported -> its label."""
        self.notices: list[str] = []

    def take(self, output: Output) -> None:
        data = json.loads(output.value).get("data", {})
        if output.topic == "signals" and data["notice"] and "Verdicts" in data["reasons"][0]["text"]:
            self.notices.append(f"{data['updated_at'][:10]} {data['title']} | {data['reasons'][0]['text']}")
        if output.topic != "alerts" or data["activity"] == "close":
            return
        refs = [ref.partition("#")[2] for r in data["reasons"] if r["rule"] == RULE for ref in r["event_ids"]]
        seen = self._seen.setdefault(data["alert_id"], set())
        new = [ref for ref in refs if ref not in seen]
        if new:
            seen.update(new)
            self.reported |= {ref: self._stream.labels[ref] for ref in new}
            wrong = any(self._stream.labels[ref] for ref in new)
            heappush(self._due, (max(self._times[ref] for ref in new) + WAIT, data["alert_id"], wrong))

    def verdicts(self, until: int, frame: dict[str, Any]) -> Iterator[bytes]:
        while self._due and self._due[0][0] <= until:
            at, alert, wrong = heappop(self._due)
            time = format_time(at)
            data = {"alert_id": alert, "verdict": "confirmed" if wrong else "false_positive", "by": "desk", "at": time}
            event = {"id": f"{alert}-{at}", "type": "disposition.v1", "time": time, "data": data}
            yield json.dumps(frame | event).encode()


def run(stream: Stream, share: float, *, feedback: bool) -> tuple[dict[str, float], Desk]:
    """The score of every payment, and what the analysts saw."""
    scores: dict[str, float] = {}
    desk = Desk(stream)

    def score(line: bytes) -> None:
        one = json.loads(line)
        scores[one["event"].partition("#")[2]] = one["score"]

    replay = Replay(desk.take, score)
    first = json.loads(stream.lines[0][2])
    frame = {key: first[key] for key in ("specversion", "source", "time", "tenantid")}
    policy = {"rules": {RULE: {"params": {"budget_share": share}}}}
    waiting = [json.dumps(frame | {"id": "policy", "type": "policy.update.v1", "data": policy}).encode()]
    day = ""
    for _, time, line in stream.lines:
        if time[:10] != day:
            replay.feed(stream.name, waiting)
            day = time[:10]
            waiting = list(desk.verdicts(parse_time(time) or 0, frame)) if feedback else []
        waiting.append(line)
    replay.feed(stream.name, waiting)
    for fault in replay.faults:
        raise fault
    return scores, desk


def measure(name: str, share: float, told: bool) -> None:
    stream = stream_of(name)
    scored = [(time, id) for id, time, _ in stream.lines if time >= stream.start]
    middle = sorted(time for time, _ in scored)[len(scored) // 2]
    print(f"\n{name}, budget {share:.1%}: aim AP {AIMS[name]} in the second half")
    print(f"{'':18}{'tuning half':>12}{'second half':>12}{'reported':>10}{'labelled':>10}   (second half)")
    for feedback in (False, True):
        scores, desk = run(stream, share, feedback=feedback)
        cells = []
        for half in (False, True):
            ids = [id for time, id in scored if (time >= middle) == half]
            hit = [stream.labels[id] > 0 for id in ids]
            cells.append(average_precision_score(hit, [scores.get(id, 0.0) for id in ids]))
        late = {id for time, id in scored if time >= middle}
        seen = [label for id, label in desk.reported.items() if id in late]
        what = "with verdicts" if feedback else "without"
        print(f"{what:18}{cells[0]:12.3f}{cells[1]:12.3f}{len(seen):10}{sum(label > 0 for label in seen):10}")
        for notice in desk.notices if told else desk.notices[-1:]:
            print(f"    {notice}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=0.005, help="budget: share of payments that are reported")
    parser.add_argument("--stream", choices=sorted(AIMS), help="one stream only")
    parser.add_argument("--notices", action="store_true", help="print every notice on what verdicts taught")
    chosen = parser.parse_args()
    if not PAYMENTS.is_dir():
        print(f"no data at {PAYMENTS}: nothing to measure")
        return
    for name in [chosen.stream] if chosen.stream else AIMS:
        measure(name, chosen.share, chosen.notices)


if __name__ == "__main__":
    main()
