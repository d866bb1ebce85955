"""Sends the payments, waits for their alerts, and counts; a broker that is away is a reason why none comes."""

import logging
import threading
import time
from contextlib import ExitStack, closing
from typing import Any

from kafka import TopicPartition

from sluicegate.canary import events
from sluicegate.canary.events import Slot, slot_at
from sluicegate.canary.figures import Figures
from sluicegate.canary.settings import CanarySettings
from sluicegate.cli.kafka import Sender, sender
from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_consumer, telling
from sluicegate.logs import event
from sluicegate.ops import OpsServer
from sluicegate.settings import Settings
from sluicegate.topics import name_of
from sluicegate.wire.canary import CANARY_TENANT

__all__ = ["Canary"]

logger = logging.getLogger(__name__)

_AGAIN = 2.0
"""Seconds before another try, when Kafka does not answer or has not all topics."""
_POLL = 0.1
_STUCK = 300.0
"""Seconds after which the loop counts as hung: the slowest question to Kafka is given up after 60."""
_TOPICS = (events.TOPIC, "policies", "dispositions", "alerts")


class Canary:
    """One process of it: `run` until `stop` is set."""

    def __init__(self, stream: Settings, settings: CanarySettings) -> None:
        """Raises SettingsError where the port is taken."""
        self._stream = stream
        self._every = settings.every_seconds
        self._lost_after = settings.lost_after_seconds
        # the present slot may have been sent by the one before us
        self._last = slot_at(time.time(), self._every)
        self._waiting: dict[str, float] = {}
        """By reference of the event, when it was sent (monotonic), the oldest first."""
        self._failing = "starting"
        """Why nothing can be sent; empty: it can."""
        self._missed = False
        """Whether the last payment that was decided on was lost."""
        self._beat = time.monotonic()
        self.stop = threading.Event()
        self.figures = Figures()
        place = (settings.host, settings.port)
        self.ops = OpsServer(place, "SLUICEGATE_CANARY_PORT", self.figures.registry, self._ready, self._stuck)

    def run(self) -> None:
        self.ops.start()
        try:
            while not self.stop.is_set():
                try:
                    self._follow()
                except (SluicegateError, OSError) as error:
                    self._say(str(error))
                    self._due()  # a payment that cannot be sent is lost, too
                self._expire()
                self.stop.wait(_AGAIN)
        finally:
            self.ops.ask_to_stop()

    def _follow(self) -> None:
        """Send and read until the end, or until Kafka fails."""
        settings = self._stream
        with telling(settings), ExitStack() as stack:
            consumer = stack.enter_context(
                closing(new_consumer(settings, isolation_level="read_committed", fetch_max_wait_ms=100))
            )
            missing = sorted({name_of(topic, settings) for topic in _TOPICS} - set(consumer.topics()))
            if missing:
                self._say(f"waiting for topics: {', '.join(missing)}")
                self._last = slot_at(time.time(), self._every)
                return
            self._go_back(consumer)
            out = stack.enter_context(sender(settings, linger_ms=0))
            self._send(out, "policies", events.policy(time.time()))
            self._say("")
            while not self.stop.is_set():
                self._beat = time.monotonic()
                for slot in self._due():
                    self._send(out, events.TOPIC, events.payment(slot))
                for records in consumer.poll(timeout_ms=int(1000 * min(_POLL, self._until_next()))).values():
                    for record in records:
                        self._read(out, record)
                self._expire()

    def _go_back(self, consumer: Any) -> None:
        """Read on from where the alert of a payment may be that is still waited for."""
        alerts = name_of("alerts", self._stream)
        places = [TopicPartition(alerts, number) for number in consumer.partitions_for_topic(alerts)]
        consumer.assign(places)
        since = int((time.time() - self._lost_after) * 1000)
        found, ends = consumer.offsets_for_times(dict.fromkeys(places, since)), consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, ends[place] if found[place] is None else found[place].offset)

    def _send(self, out: Sender, topic: str, value: bytes) -> None:
        out.send(name_of(topic, self._stream), value, CANARY_TENANT.encode())

    def _until_next(self) -> float:
        return max(0.001, (self._last.number + 1) * self._every - time.time())

    def _due(self) -> list[Slot]:
        """The slot that has begun since the last one, if any: from now on its alert is waited for."""
        slot = slot_at(time.time(), self._every)
        if slot.number <= self._last.number:
            return []
        self._last = slot
        self._waiting[slot.ref] = time.monotonic()
        self.figures.sent.inc()
        self.figures.last_sent.set(time.time())
        return [slot]

    def _read(self, out: Sender, record: Any) -> None:
        seen = events.revision(record.key, record.value)
        if seen is None:
            return
        for ref in seen.refs & self._waiting.keys():
            self.figures.seconds.observe(time.monotonic() - self._waiting.pop(ref))
            self.figures.seen.inc()
            self.figures.last_seen.set(time.time())
            if self._missed:
                logger.info("alerts of canary payments come again", extra=event("canary.seen"))
            self._missed = False
        closing = events.verdict(seen, time.time())
        if closing is not None:
            self._send(out, "dispositions", closing)

    def _expire(self) -> None:
        before = time.monotonic() - self._lost_after
        for ref in [ref for ref, at in self._waiting.items() if at < before]:
            del self._waiting[ref]
            self.figures.lost.inc()
            what = event("canary.lost", ref=ref, seconds=self._lost_after)
            logger.warning("no alert of the payment %s within %g s", ref, self._lost_after, extra=what)
            self._missed = True

    def _say(self, why: str) -> None:
        if bool(why) != bool(self._failing):
            if why:
                logger.warning("%s; trying again", why, extra=event("canary.unsent"))
            else:
                logger.info("Kafka answers; payments are sent", extra=event("broker.back"))
        self._failing = why
        self._beat = time.monotonic()

    def _ready(self) -> tuple[bool, dict[str, object]]:
        why = self._failing or ("the last payment's alert did not come" if self._missed else "")
        return not why, {"why": why}

    def _stuck(self) -> str:
        late = time.monotonic() - self._beat
        return f"the loop stands still for {late:.0f} s" if late > _STUCK else ""
