"""What a canary does reaches neither the queue nor any other page of the console."""

import msgspec
from sqlalchemy import Engine, select

from sluicegate.canary import events
from sluicegate.canary.events import slot_at
from sluicegate.console.feed import FEEDS
from sluicegate.console.tables import activity, alert, alert_term, notice, signal_day
from sluicegate.detection.log import Output
from sluicegate.replay import Replay
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.canonical import canonical
from tests.console import made

START = 1_781_200_000.0


class Record(msgspec.Struct):
    """A record as a feed takes it."""

    value: bytes
    offset: int
    partition: int = 0
    timestamp: int = int(START * 1000)


def records(values: list[bytes]) -> list[Record]:
    return [Record(value, offset) for offset, value in enumerate(values)]


def test_neither_alerts_nor_payments_nor_signals_of_a_canary_are_entered(engine: Engine) -> None:
    payments = [events.payment(slot_at(START + 60 * number, 60.0)) for number in range(3)]
    others = [canonical(made.payment(number)) for number in range(2)]
    found: list[Output] = []
    replay = Replay(found.append)
    replay.feed("events.jsonl", [*payments, *others])
    written = {topic: [output.value for output in found if output.topic == topic] for topic in ("alerts", "signals")}
    # as a rule of the tenant that trips would be told of
    written["signals"] += [written["alerts"][0].replace(b'"alert.v1"', b'"signal.v1"')]
    tenants = [msgspec.json.decode(value)["tenantid"] for value in written["alerts"]]
    assert tenants.count(CANARY_TENANT) == 3
    assert "acme" in tenants
    with engine.begin() as connection:
        FEEDS["alerts"]["alerts"](connection, records(written["alerts"]), 1)
        FEEDS["history"]["signals"](connection, records(written["signals"]), 1)
        FEEDS["history"]["events"](connection, records([*payments, *others]), 1)
        for table in (alert, activity):
            assert set(connection.scalars(select(table.c.tenant))) == {"acme"}
        for table in (signal_day, notice):
            assert CANARY_TENANT not in set(connection.scalars(select(table.c.tenant)))
        assert not [term for term in connection.scalars(select(alert_term.c.term)) if term.startswith("canary-")]
