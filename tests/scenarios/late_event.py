"""Q3: events behind the clock."""

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

NOW = 10 * DAY


def _now(t: Tale) -> None:
    t.pay("V1", at=NOW, invoice="N1")


@fires(25)
def payment_more_than_24_hours_late(t: Tale) -> None:
    _now(t)
    t.pay("V2", at=NOW - 24 * HOUR - 1, invoice="N2")


@silent()
def payment_24_hours_late(t: Tale) -> None:
    _now(t)
    t.pay("V2", at=NOW - 24 * HOUR, invoice="N2")


@fires(25)
def change_two_days_late(t: Tale) -> None:
    _now(t)
    t.change("V2", "a", NOW - 2 * DAY)


@fires(25)
def request_two_days_late(t: Tale) -> None:
    _now(t)
    t.request("C1", at=NOW - 2 * DAY)


@silent()
def status_two_days_late(t: Tale) -> None:
    _now(t)
    t.status(t.events[0], "accepted", NOW - 2 * DAY)
