"""Q3: events behind the clock."""

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a source that delivers once a week is late by design: raise `late_hours`": "weekly-source-whose-hours-are-raised",
}

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


@silent()
def weekly_source_whose_hours_are_raised(t: Tale) -> None:
    t.policy(rules={"late-event": {"params": {"late_hours": 168}}})
    _now(t)
    t.pay("V2", at=NOW - 168 * HOUR, invoice="N2")


@fires(25)
def weekly_source_a_moment_too_late(t: Tale) -> None:
    t.policy(rules={"late-event": {"params": {"late_hours": 168}}})
    _now(t)
    t.pay("V2", at=NOW - 168 * HOUR - 1, invoice="N2")
