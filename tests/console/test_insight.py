"""Each figure of the insight page against the alerts, verdicts and notices that it comes from."""

from sqlalchemy import Engine

from sluicegate.console.people import Person
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.store import alerts, insight, news, verdicts
from sluicegate.console.store.dispositions import Decision
from tests.console import made

_HOUR = 3_600_000_000
NOW = 1_781_161_200_000_000 + 30 * _HOUR
ALONE = ConsoleSettings(second_person=False)
ROOT, ANN = Person(1, "root", "admin", ("*",)), Person(2, "ann", "analyst", ("acme",))


def enter(engine: Engine, hours_ago: dict[int, float], tenant: str = "acme") -> list[str]:
    """An alert (high) of each number, come so long ago; their ids."""
    found = [
        made.revision(made.duplicate(tenant, f"V{number}", number), NOW - int(hours * _HOUR))
        for number, hours in hours_ago.items()
    ]
    with engine.begin() as connection:
        alerts.take(connection, found, NOW)
    return [one.data.alert_id for one in found]


def decide(engine: Engine, alert_id: str, verdict: str, reason: str, hours_ago: float) -> None:
    decision = Decision(verdict, reason)  # type: ignore[arg-type]
    with engine.begin() as connection:
        given = verdicts.decide(connection, ROOT, alert_id, decision, NOW - int(hours_ago * _HOUR), ALONE)
        assert isinstance(given, verdicts.Given), given


def test_backlog_by_age_counts_what_waits_and_nothing_else(engine: Engine) -> None:
    ids = enter(engine, {1: 0.5, 2: 5, 3: 6, 4: 20, 5: 70, 6: 200})
    enter(engine, {7: 0.2}, tenant="other")
    decide(engine, ids[1], "confirmed", "bank_confirmed_fraud", 1)
    with engine.connect() as connection:
        everything = insight.backlog(connection, ROOT, NOW)
        own = insight.backlog(connection, ANN, NOW)
    assert {age: sum(levels.values()) for age, levels in everything.items()} == {
        "up to 1 hour": 2, "up to 8 hours": 1, "up to 1 day": 1, "up to 3 days": 1, "older": 1
    }  # fmt: skip
    assert own["up to 1 hour"] == {"high": 1}


def test_precision_is_of_the_last_verdict_on_each_alert(engine: Engine) -> None:
    ids = enter(engine, dict.fromkeys(range(1, 6), 10.0))
    decide(engine, ids[0], "confirmed", "bank_confirmed_fraud", 5)
    decide(engine, ids[1], "error_not_fraud", "data_entry", 5)
    decide(engine, ids[2], "false_positive", "different_person", 5)
    decide(engine, ids[3], "escalated", "needs_legal", 5)
    decide(engine, ids[4], "false_positive", "different_person", 5)
    decide(engine, ids[4], "confirmed", "bank_confirmed_fraud", 4)
    with engine.connect() as connection:
        (found,) = insight.precision(connection, ROOT, NOW - 6 * _HOUR)
        assert (found.rule, found.right, found.wrong, found.escalated) == ("duplicate-invoice", 3, 1, 1)
        assert found.share == 0.75
        assert insight.precision(connection, ROOT, NOW - 3 * _HOUR) == []


def test_time_to_decision_is_that_of_the_first_verdict(engine: Engine) -> None:
    ids = enter(engine, dict.fromkeys(range(1, 4), 10.0))
    for alert_id, hours_ago in zip(ids, (9, 8, 2), strict=True):
        decide(engine, alert_id, "confirmed", "bank_confirmed_fraud", hours_ago)
    decide(engine, ids[0], "benign", "one_off", 1)
    with engine.connect() as connection:
        assert insight.times(connection, ROOT, 0) == {"high": (3, 2 * _HOUR, 8 * _HOUR)}


def test_of_one_model_only_the_newest_notice_is_kept(engine: Engine) -> None:
    def told(text: str, hour: int) -> news.SignalSeen:
        return news.SignalSeen("acme", "2026-06-11", "unusual-payment", "notice", hour * _HOUR, "A title", text)

    told_first = [told("Vendor payments: learning, 125 of 500 payments.", 1), told("Payroll payments: learning.", 2)]
    with engine.begin() as connection:
        news.take_signals(connection, told_first)
        news.take_signals(connection, [told("Vendor payments: learning, 312 of 500 payments.", 3)])
        changed = [told(f"The amount of vendor payments changed on average to {n}, 9 payments ago.", n) for n in (4, 5)]
        news.take_signals(connection, changed)
    with engine.connect() as connection:
        assert [row["text"] for row in insight.notices(connection, ANN)] == [
            "The amount of vendor payments changed on average to 5, 9 payments ago.",
            "Vendor payments: learning, 312 of 500 payments.",
            "Payroll payments: learning.",
        ]
