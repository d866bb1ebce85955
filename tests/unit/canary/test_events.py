"""The canary's events before detection: an alert for each of them, whatever was lost, and no growth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

from sluicegate.canary.events import PARTS, PAYEES, Revision, Slot, payment, policy, revision, slot_at, verdict
from sluicegate.detection.log import Outcome
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.rules.registry import RULES
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.decode import Reject, decode

START = 1_781_485_200.0
HOUR = 3600.0


class Path:
    """Detection and the canary around it, without Kafka: `lost` verdicts do not arrive."""

    def __init__(self, *, lost: Callable[[Revision], bool] = lambda _: False, with_policy: bool = True) -> None:
        self.partition = Partition()
        self.outputs: Counter[str] = Counter()
        self.closed = 0
        self._lost = lost
        self._offset = 0
        if with_policy:
            self._work(policy(START), START)

    def _work(self, value: bytes, now: float) -> list[Revision]:
        run = self.partition.begin()
        outcome = run.apply(LogRecord(self._offset, int(now * 1000), CANARY_TENANT.encode(), value))
        assert outcome is Outcome.APPLIED, value
        self._offset += 1
        run.changes()
        run.merge()
        self.outputs.update(output.topic for output in run.outputs)
        seen = [revision(output.key, output.value) for output in run.outputs if output.topic == "alerts"]
        found = [one for one in seen if one is not None]
        assert len(found) == len(seen), "the alert of another tenant"
        for one in found:
            self.closed += one.closes
            said = verdict(one, now)
            if said is not None and not self._lost(one):
                assert all(after.closes for after in self._work(said, now))
        return found

    def turn(self, slot: Slot) -> bool:
        """Whether the alert of a slot's payment comes."""
        return any(slot.ref in one.refs for one in self._work(payment(slot), slot.number * slot.every))

    def kinds(self) -> Counter[str]:
        return Counter(key.split("|")[1] for key, _ in self.partition.items())

    @property
    def largest(self) -> int:
        return max(len(value) for _, value in self.partition.items())


def slots(count: int, every: float = 60.0, start: int = 0) -> list[Slot]:
    first = slot_at(START, every).number + start
    return [Slot(every, number) for number in range(first, first + count)]


def test_events_are_of_the_contract() -> None:
    for slot in slots(2 * PARTS):
        event = decode(payment(slot), topic="vendor-payments", arrival_ms=int(START * 1000))
        assert not isinstance(event, Reject), event
        assert event.tenant == CANARY_TENANT
    assert not isinstance(decode(policy(START), topic="policies", arrival_ms=int(START * 1000)), Reject)
    said = verdict(Revision(f"al_{'0' * 32}", PARTS, False, frozenset()), START)
    assert not isinstance(decode(said, topic="dispositions", arrival_ms=int(START * 1000)), Reject)


def test_alert_follows_each_payment_and_nothing_else_does() -> None:
    path = Path()
    every = slots(PARTS * PAYEES * 2 + 7)
    assert all(path.turn(slot) for slot in every)
    assert path.outputs == {"alerts": len(every) + path.closed}
    assert path.closed == len(every) // PARTS


def test_breaker_spares_it_and_the_defaults_do_as_the_policy() -> None:
    path = Path(with_policy=False)
    assert all(path.turn(slot) for slot in slots(3000))


def test_alert_follows_after_lost_verdicts_and_missed_slots() -> None:
    # the first four verdicts on every alert are lost, and every other hour nothing is sent
    path = Path(lost=lambda one: one.number < PARTS + 4)
    sent = [slot for slot in slots(PARTS * PAYEES * 4) if slot.number // 60 % 2]
    assert all(path.turn(slot) for slot in sent)


def test_alert_follows_where_no_verdict_comes_for_a_while() -> None:
    path = Path(lost=lambda _: True)
    assert all(path.turn(slot) for slot in slots(PARTS * PAYEES))


def test_state_stops_growing() -> None:
    path = Path()
    year = 400 * 24  # one an hour, for 400 days
    sizes = []
    for stretch in range(3):
        assert all(path.turn(slot) for slot in slots(year, HOUR, stretch * year))
        sizes.append(sum(path.kinds().values()))
    assert sizes[2] <= sizes[1] * 1.02
    assert path.kinds()["payee"] == PAYEES
    assert path.largest < 8 << 10


def test_same_slot_is_the_same_event_and_other_lengths_are_other_ones() -> None:
    assert payment(slot_at(START + 1, 60.0)) == payment(slot_at(START + 59, 60.0))
    refs = {slot.ref for every in (60.0, 30.0, 1.0, 2.5) for slot in slots(100, every)}
    assert len(refs) == 400


def test_every_other_rule_is_off() -> None:
    rules = json.loads(policy(START))["data"]["rules"]
    assert set(rules) == set(RULES)
    assert [slug for slug, rule in rules.items() if rule["mode"] != "off"] == ["sanctioned-country"]
