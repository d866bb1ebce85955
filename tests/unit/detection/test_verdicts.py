"""Verdicts teach: in shadow until they have shown to help, restored to the bit, each payment counted once."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from sluicegate.detection import advice, teaching
from sluicegate.detection.advice import ADVISED, MODEL, WAITS
from sluicegate.detection.alerts import Merger
from sluicegate.detection.codec import decode
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.detection.log import LogRecord, Output
from sluicegate.detection.partition import Partition
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import StreamModel
from sluicegate.detection.state import State
from sluicegate.signals import feedback
from sluicegate.signals.feedback import Feedback
from tests.scenarios.build import DAY, HOUR, START, Tale
from tests.unit.detection.test_laws import items, reloaded

Json = dict[str, Any]
RULE = "unusual-payment"
POLICY = {RULE: {"params": {"warm_up": 200, "budget_share": 0.1}}}
ODD_EVERY = 8
LENGTH = 950
"""Below the 1,000 events from which on the circuit breaker would end it: so many verdicts need many reports."""
LATE = 24
"""Payments between a report and its verdict."""

Judge = Callable[[Json], str]


class Desk:
    """A tenant's stream of vendor payments, worked through one by one, and an analyst who judges what is reported."""

    def __init__(self, judge: Judge, mode: str = "live") -> None:
        self.partition = Partition()
        self.log: list[LogRecord] = []
        self.outputs: list[Output] = []
        self.signals: list[Json] = []
        self.alerts: dict[str, Json] = {}
        self._judge = judge
        self._tale = Tale()
        self._rng = random.Random(5)
        self._paid: dict[str, Json] = {}
        self._number = 0
        self._open: list[tuple[int, str]] = []
        self._send(self._tale.policy(rules={RULE: POLICY[RULE] | {"mode": mode}}))

    def pay(self, count: int) -> None:
        """Ordinary payments; every eighth is odd: by its cost centre, which is always fine, or by its amount."""
        for _ in range(count):
            n = self._number = self._number + 1
            odd = n % ODD_EVERY == 0 and n > 100
            wrong = odd and n % (2 * ODD_EVERY) == 0
            amount = self._rng.gauss(1000, 30) * (self._rng.uniform(1.3, 1.8) if wrong else 1)
            department = f"D{n}" if odd and not wrong else f"D{n % 10}"
            event = self._tale.pay(
                f"V{n % 10}",
                amount=f"{amount:.2f}",
                at=n * 5 * HOUR,
                ledger={"department": department},
                invoice=f"N{n}",
            )
            event["wrong"] = wrong
            self._paid[f"{event['source']}#{event['id']}"] = event
            self._send(event)
            while self._open and self._open[0][0] <= n:
                self.judge(self._open.pop(0)[1])

    def judge(self, alert: str, verdict: str | None = None) -> None:
        if verdict is None:
            (ref, *_) = self.alerts[alert]["reasons"][0]["event_ids"]
            verdict = self._judge(self._paid[ref])
        self._send(self._tale.verdict(alert, verdict, self._number * 5 * HOUR))

    def _send(self, event: Json) -> None:
        record = LogRecord(len(self.log), START // 1000, b"acme", json.dumps(event).encode())
        self.log.append(record)
        for output in apply(self.partition, [record]):
            self.outputs.append(output)
            data = json.loads(output.value)["data"]
            if output.topic == "signals":
                self.signals.append(data)
            elif data["activity"] != "close" and any(r["rule"] == RULE for r in data["reasons"]):
                if data["alert_id"] not in self.alerts:
                    self._open.append((self._number + LATE, data["alert_id"]))
                self.alerts[data["alert_id"]] = data

    @property
    def told(self) -> list[Json]:
        """Notices on what verdicts taught."""
        return [s for s in self.signals if s["reasons"][0]["text"].startswith("Verdicts on ")]

    def record(self) -> FeedbackRecord | None:
        return next(iter(held(self.partition, FeedbackRecord)), None)

    def right(self, alerts: Iterable[Json]) -> float:
        """Share of the reported payments that were wrong."""
        refs = [r["event_ids"][0] for data in alerts for r in data["reasons"] if r["rule"] == RULE]
        return sum(bool(self._paid[ref]["wrong"]) for ref in refs) / len(refs)


def apply(partition: Partition, records: Iterable[LogRecord]) -> list[Output]:
    run = partition.begin()
    for record in records:
        run.apply(record)
    assert not run.faults
    run.merge()
    return run.outputs


def held(partition: Partition, kind: type[Any]) -> Iterator[Any]:
    for store in partition.stores.values():
        for value in store.records.get(kind.KIND, {}).values():
            yield decode(kind, value)


def by_label(event: Json) -> str:
    return "confirmed" if event["wrong"] else "false_positive"


def by_chance(event: Json) -> str:
    return random.Random(event["id"]).choice(["confirmed", "false_positive"])


@pytest.fixture(scope="module")
def taught() -> Desk:
    desk = Desk(by_label)
    desk.pay(LENGTH)
    return desk


@pytest.fixture(scope="module")
def misled() -> Desk:
    desk = Desk(by_chance)
    desk.pay(LENGTH)
    return desk


def test_informative_verdicts_open_the_gate_and_better_payments_are_reported(taught: Desk, misled: Desk) -> None:
    alerts = list(taught.alerts.values())
    before = [data for data in alerts if MODEL not in data["versions"]["models"]]
    after = alerts[len(before) :]
    assert len(before) > 40
    assert len(after) > 40
    assert all(data["versions"]["models"][MODEL] == feedback.VERSION for data in after)
    assert taught.right(before) + 0.1 < taught.right(after)
    assert misled.right(since(misled, 650)) + 0.1 < taught.right(since(taught, 650))


def test_opening_is_told_and_so_is_the_standing_at_every_tenth_verdict(taught: Desk) -> None:
    record = taught.record()
    assert record is not None
    (opened,) = (notice for notice in taught.told if "from here on" in notice["title"])
    at = opened["reasons"][0]["observed"]["verdicts"]
    counts = [notice["reasons"][0]["observed"]["verdicts"] for notice in taught.told]
    assert counts == sorted({at, *range(10, record.state.verdicts + 1, 10)})
    first = taught.told[0]
    assert first["title"] == "What verdicts have taught so far"
    assert re.fullmatch(
        r"Verdicts on vendor payments: in shadow, \d of 15 verdicts of the rarer kind\.", first["reasons"][0]["text"]
    )
    assert opened["title"] == "Unusual payments are ranked with verdicts from here on"
    assert opened["reasons"][0]["text"].startswith("Verdicts on vendor payments: in use: ranks ")
    assert opened["subject"] == {"kind": "tenant", "id": "acme"}
    assert (opened["notice"], opened["score"], opened["mode"]) == (True, 10, "live")
    assert opened["versions"]["models"] == {MODEL: feedback.VERSION}


def test_gate_that_closes_is_told(taught: Desk) -> None:
    record = taught.record()
    assert record is not None
    assert record.state.in_use
    lesson = teaching.Lesson("vendor", Feedback(record.state).standing()._replace(in_use=False), switched=True)
    state, policy = State("acme", taught.partition.stores["acme"]), compile_policy(None, None)
    merger = Merger(state, policy, START, {})
    teaching.tell(lesson, "acme", "/s\n1", START, "live", merger)
    ((name, body),) = merger.signals
    assert name == f"{body['alert_id']}-1-{RULE}"
    assert body["title"] == "Unusual payments are ranked without verdicts again: they have stopped helping"


def test_alert_says_what_verdicts_added(taught: Desk) -> None:
    (reason,) = list(taught.alerts.values())[-1]["reasons"]
    seen = reason["observed"]
    assert seen["score"] > seen["score_without_verdicts"] > 1
    words = f"Verdicts on {seen['verdicts']} payments ({seen['verdicts_confirmed']} confirmed) lift the score"
    assert words in reason["text"]
    assert reason["text"].endswith(", for they lower that of others.")


def test_random_verdicts_stay_in_shadow_and_move_nothing(misled: Desk) -> None:
    record = misled.record()
    assert record is not None
    assert record.state.verdicts > 60
    assert not record.state.in_use
    for data in misled.alerts.values():
        assert MODEL not in data["versions"]["models"]
        assert "Verdicts" not in data["reasons"][0]["text"]
        assert "verdicts" not in data["reasons"][0]["observed"]


def test_budget_holds_when_the_gate_opens(taught: Desk) -> None:
    """The policy allows a tenth, of payments that are all ranked with verdicts by then."""
    late = since(taught, 650)
    assert all(MODEL in data["versions"]["models"] for data in late)
    assert 0.06 < len(late) / (len(taught.log) - 650) < 0.12


@pytest.mark.parametrize("prefix", [300, 800])
def test_state_loaded_in_between_goes_on_to_the_bit(taught: Desk, prefix: int) -> None:
    going_on = Partition()
    apply(going_on, taught.log[:prefix])
    restarted = reloaded(going_on)
    assert apply(restarted, taught.log[prefix:]) == apply(going_on, taught.log[prefix:])
    assert items(restarted) == items(going_on) == items(taught.partition)


def test_log_gives_the_same_whatever_its_checkpoints_and_however_often_a_verdict_comes(taught: Desk) -> None:
    whole, doubled = Partition(), Partition()
    assert apply(whole, taught.log) == taught.outputs
    again = [r for r in taught.log for r in ([r, r] if b"disposition" in (r.value or b"") else [r])]
    assert apply(doubled, again) == taught.outputs
    assert items(doubled) == items(whole) == items(taught.partition)


def since(desk: Desk, place: int) -> list[Json]:
    """Alerts opened from that record of the log on."""
    late = {f"{event['source']}#{event['id']}" for event in (json.loads(r.value or b"") for r in desk.log[place:])}
    return [data for data in desk.alerts.values() if data["reasons"][0]["event_ids"][0] in late]


def unjudged(mode: str = "live") -> Desk:
    """A tenant some of whose payments were reported, and none of them judged."""
    desk = Desk(lambda _: "escalated", mode)
    desk.pay(400)
    return desk


def learned(desk: Desk) -> int:
    record = desk.record()
    return record.state.verdicts if record is not None else 0


def test_first_final_verdict_counts_and_a_changed_one_teaches_nothing() -> None:
    desk = unjudged()
    alert, other, *_ = desk.alerts
    count = len(list(held(desk.partition, ReportedRecord)))
    assert count == len(desk.alerts)
    assert learned(desk) == 0, "escalated is not final"
    desk.judge(alert, "confirmed")
    assert learned(desk) == 1
    assert len(list(held(desk.partition, ReportedRecord))) == count - 1
    before = desk.record()
    for verdict in ("false_positive", "confirmed", "escalated"):
        desk.judge(alert, verdict)
    assert desk.record() == before
    desk.judge(other, "benign")
    assert learned(desk) == 2


@pytest.mark.parametrize(
    ("verdict", "confirmed"), [("confirmed", 1), ("error_not_fraud", 1), ("false_positive", 0), ("benign", 0)]
)
def test_verdicts_that_are_labels(verdict: str, confirmed: int) -> None:
    desk = unjudged()
    desk.judge(next(iter(desk.alerts)), verdict)
    record = desk.record()
    assert record is not None
    assert (record.state.verdicts, record.state.confirmed_count) == (1, confirmed)


def test_verdict_on_an_alert_that_holds_no_unusual_payment_teaches_nothing() -> None:
    desk = unjudged()
    desk.judge("al_" + 32 * "0", "confirmed")
    assert desk.record() is None


def test_nothing_waits_for_a_verdict_where_findings_are_no_alerts() -> None:
    desk = unjudged("shadow")
    assert any(data["mode"] == "shadow" and not data["notice"] for data in desk.signals)
    assert not list(held(desk.partition, ReportedRecord))


def test_payment_waits_so_long_and_no_longer() -> None:
    desk = unjudged()
    first = min(record.due for record in held(desk.partition, ReportedRecord))
    tale = Tale()
    tale.pay("E1", at=first - START - DAY, payment_id="late-1")["id"] = "late-1"
    tale.pay("E1", at=first - START + HOUR, payment_id="late-2")["id"] = "late-2"
    counts = [len(list(held(desk.partition, ReportedRecord)))]
    for line in tale.lines:
        apply(desk.partition, [LogRecord(len(desk.log), START // 1000, b"acme", line)])
        counts.append(len(list(held(desk.partition, ReportedRecord))))
    assert counts[0] == counts[1] > counts[2]
    assert WAITS == 180 * DAY


def test_advised_scores_are_calibrated_from_the_first_verdict_on() -> None:
    desk = unjudged()
    (model,) = held(desk.partition, StreamModel)
    assert ADVISED not in model.bins
    desk.judge(next(iter(desk.alerts)), "confirmed")
    desk.pay(1)
    (model,) = held(desk.partition, StreamModel)
    assert model.bins[ADVISED] == model.bins["combined"], "one verdict says nothing yet"


def test_verdict_on_an_alert_that_it_joined_teaches_too() -> None:
    """An unusual amount on a duplicate invoice is a reason of that alert."""
    desk = Desk(lambda _: "escalated")
    desk.pay(250)
    tale = Tale()
    tale._number = 9000
    for n in range(2):
        tale.pay("V1", amount="2900.00", at=(260 + n) * 5 * HOUR, invoice={"number": "SAME", "total": "2900.00"})
    alerts = {}
    for event in tale.events:
        desk._send(event)
    alerts = {id: data for id, data in desk.alerts.items() if data["family"] == "payables"}
    (alert,) = [
        id for id, data in alerts.items() if {r["rule"] for r in data["reasons"]} >= {RULE, "duplicate-invoice"}
    ]
    desk.judge(alert, "confirmed")
    assert learned(desk) == 1


def test_what_other_signals_taught_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = unjudged()
    one, other, *_ = desk.alerts
    desk.judge(one, "confirmed")
    for module in (advice, teaching):
        monkeypatch.setattr(module, "VERSION", "other signals")
    desk.judge(other, "confirmed")
    assert learned(desk) == 1, "neither learned, nor forgotten before there is something new"
    desk.pay(1)
    model = next(iter(held(desk.partition, StreamModel)))
    assert ADVISED not in model.bins
