"""The life of an alert: what joins it, what closes it, what is silenced, what is cut."""

from __future__ import annotations

import pytest

from sluicegate.detection.alerts import SPARSE_FROM
from sluicegate.detection.evidence import FIRST_KEPT, MOST_KEPT
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, HOUR, START, Json, Played, Tale, account, entry, payee

DUPLICATE = "duplicate-invoice"
PERSON = entry("L1", "ANDREYEV, Vitaliy")


def life(played: Played) -> list[tuple[str, int]]:
    """(activity, revision) of every revision but those about producers, in order."""
    return [(data["activity"], data["revision"]) for data in played.revisions if data["family"] != "quality"]


def duplicates(*gaps: int, first: int = 10 * DAY) -> Tale:
    """One duplicate invoice after the other of V1, each of its own cause, so much time apart."""
    t = Tale()
    for n in range(len(gaps) + 1):
        t.pay("V1", invoice=f"{n}-100-{n}", amount=f"{1000 + n}.00", at=n)
    at = first
    for n in range(len(gaps) + 1):
        t.pay("V1", invoice=f"{n}-100-{n}", amount=f"{1000 + n}.00", at=at)
        at += gaps[n] if n < len(gaps) else 0
    return t


# merging


def test_finding_within_24_hours_of_the_last_joins_the_alert() -> None:
    assert life(duplicates(24 * HOUR).play()) == [("create", 1), ("update", 2)]


def test_finding_more_than_24_hours_after_the_last_opens_another() -> None:
    assert life(duplicates(24 * HOUR + 1).play()) == [("create", 1), ("create", 1)]


def test_episode_goes_on_as_long_as_no_gap_is_longer_than_24_hours() -> None:
    played = duplicates(24 * HOUR, 24 * HOUR, 24 * HOUR).play()
    (alert,) = played.alerts
    assert alert["revision"] == 4
    assert alert["first_event_at"] == format_time(START + 10 * DAY)
    assert alert["last_event_at"] == format_time(START + 13 * DAY)


def test_late_finding_joins_up_to_24_hours_before_the_first() -> None:
    assert life(duplicates(-24 * HOUR).play()) == [("create", 1), ("update", 2)]
    assert life(duplicates(-24 * HOUR - 1).play()) == [("create", 1), ("create", 1)]


def test_same_cause_joins_however_long_ago() -> None:
    t = Tale()
    for n, who in enumerate(("V1", "V2", "V3")):
        t.pay(who, "shared", at=n * 100 * DAY, amount=f"{n + 1}.00")
    assert life(t.play()) == [("create", 1), ("update", 2)]


def test_sanctions_findings_merge_by_cause_only() -> None:
    t = Tale()
    t.listed(PERSON, entry("L2", "ANDREYEV, Vitaliy"))
    who = payee("E1", name="Vitaliy Andreyev")
    t.pay(who, at=DAY)
    t.pay(who, at=DAY + 1)
    first, second = t.play().alerts
    assert first["revision"] == second["revision"] == 2
    assert first["alert_id"] != second["alert_id"]


def test_one_event_makes_one_revision_of_each_alert_in_the_order_of_the_contract() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.pay("V2", "new", at=at - 1, amount="7.00")
    t.pay("V1", "new", at=at)
    subjects = [(data["subject"]["kind"], data["family"]) for data in t.play().revisions]
    assert subjects == [("account", "account"), ("payee", "account")]


def test_score_of_an_alert_is_the_highest_and_reasons_fall_by_score() -> None:
    t = Tale()
    t.pay("V1", invoice="417A", amount="5.00")
    t.pay("V1", invoice="9-1-9", at=1)
    t.pay("V1", invoice="417", amount="5.00", at=DAY)
    t.pay("V1", invoice="9-1-9", at=2 * DAY)
    (alert,) = t.play().alerts
    assert [reason["score"] for reason in alert["reasons"]] == [65, 45]
    assert (alert["score"], alert["severity"]) == (65, "high")


def test_money_of_an_alert_counts_each_payment_once_and_exactly() -> None:
    t = Tale()
    for n, amount in enumerate(("0.10", "1250.125", "100")):
        t.pay(f"V{n}", "shared", amount, at=n * HOUR)
    t.pay("V0", "shared", "7", at=3 * HOUR, currency="EUR")
    alert = t.play().reasons("shared-account")[0].data
    assert alert["money"] == [
        {"value": "7", "currency": "EUR", "count": 1},
        {"value": "1350.225", "currency": "USD", "count": 3},
    ]
    assert alert["payment_ids"] == sorted(alert["payment_ids"])


def test_repeated_finding_without_new_evidence_writes_no_revision() -> None:
    t = Tale()
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)
    repeated = t.pay("V2", "shared", at=2 * DAY)
    repeated["data"]["payment_id"] = t.events[1]["data"]["payment_id"]
    played = t.play()
    assert life(played) == [("create", 1)]
    assert played.replay is not None
    assert played.replay.counts.repeated == 1


# closing


def test_alert_without_an_event_for_400_days_expires_and_keeps_what_it_said() -> None:
    t = Tale()
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)
    t.pay("E9", at=401 * DAY - 1)
    run = Partition().begin()
    for n, line in enumerate(t.lines):
        run.apply(LogRecord(n, 0, None, line))
    assert life(Played(run.outputs)) == [("create", 1)]
    t.pay("E9", at=401 * DAY)
    created, closed = t.play().revisions
    assert (closed["activity"], closed["close_reason"], closed["revision"]) == ("close", "expired", 2)
    assert closed["updated_at"] == format_time(START + 401 * DAY)
    assert (closed["score"], closed["severity"]) == (created["score"], created["severity"])
    assert closed["reasons"] == created["reasons"]


def test_event_puts_expiry_off_even_where_no_revision_is_written() -> None:
    t = Tale()
    t.pay("V1", "shared")
    for n in range(1, 200):
        t.pay(f"V{n % 2}", "shared", amount=f"{n}.00", at=n * 7 * DAY)
    (alert,) = (a for a in t.play().alerts if a["family"] == "account")
    assert alert["activity"] == "update"
    assert alert["revision"] < 40


@pytest.mark.parametrize("verdict", ["false_positive", "benign", "error_not_fraud"])
def test_clearing_verdict_closes_with_one_revision_and_the_next_finding_opens_another(verdict: str) -> None:
    t = duplicates(2 * HOUR)
    last = t.events.pop()
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], verdict, 10 * DAY + HOUR)
    t.verdict(alert["alert_id"], verdict, 10 * DAY + HOUR)
    t.events.append(last)
    played = t.play()
    assert life(played) == [("create", 1), ("close", 2), ("create", 1)]
    assert played.revisions[1]["close_reason"] == verdict


@pytest.mark.parametrize("verdict", ["confirmed", "escalated"])
def test_other_verdicts_leave_it_open(verdict: str) -> None:
    t = duplicates(2 * HOUR)
    last = t.events.pop()
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], verdict, 10 * DAY + HOUR)
    t.events.append(last)
    assert life(t.play()) == [("create", 1), ("update", 2)]


def test_closed_alert_stays_closed_whatever_verdict_follows() -> None:
    t = duplicates()
    (alert,) = t.play().alerts
    for verdict in ("benign", "confirmed", "false_positive"):
        t.verdict(alert["alert_id"], verdict, 11 * DAY)
    assert life(t.play()) == [("create", 1), ("close", 2)]


def test_verdict_on_an_unknown_alert_changes_nothing() -> None:
    t = Tale()
    t.verdict("al_" + "0" * 32, "benign", DAY)
    played = t.play()
    assert (played.outputs, played.letters) == ([], [])


# allow entries


def allowed(starts: int, expires: int, pivot: Json, at: int = 10 * DAY) -> Played:
    """A duplicate invoice at `at`, with an allow entry for it."""
    t = duplicates(first=at)
    allow = {"rule": DUPLICATE, "pivot": pivot, "expires": format_time(START + expires)}
    t.verdict("al_" + "0" * 32, "benign", starts, allow=allow)["id"] = "allow"
    t.events.insert(0, t.events.pop())
    return t.play()


@pytest.mark.parametrize(
    ("starts", "expires", "silent"),
    [
        (10 * DAY, 10 * DAY + 1, True),
        (10 * DAY + 1, 20 * DAY, False),  # not yet
        (0, 10 * DAY, False),  # `expires` is exclusive
    ],
)
def test_allowance_holds_from_its_event_until_it_expires(starts: int, expires: int, silent: bool) -> None:
    played = allowed(starts, expires, {"kind": "payee", "value": "V1"})
    assert (played.alerts == []) is silent
    assert [s["suppression"]["pivot"]["value"] for s in played.signals] == ["V1"] * silent
    if silent:
        assert played.signals[0]["suppression"]["rule"] == DUPLICATE
        assert played.signals[0]["suppression"]["disposition_event"] == "/feeds/acme#allow"


def test_silenced_finding_stays_on_record_with_all_it_says_and_leaves_the_open_alert_as_it_is() -> None:
    t = duplicates(2 * HOUR)
    last = t.events.pop()
    t.verdict(
        "al_" + "0" * 32,
        "escalated",
        10 * DAY + HOUR,
        allow={"rule": DUPLICATE, "pivot": {"kind": "payee", "value": "V1"}, "expires": "2027-01-01T00:00:00Z"},
    )
    t.events.append(last)
    played = t.play()
    assert life(played) == [("create", 1)]
    (signal,) = (one for one in played.signals if one["suppression"] is not None)
    assert (signal["score"], signal["mode"]) == (65, "live")
    assert signal["payment_ids"] == [last["data"]["payment_id"]]
    assert signal["suppression"]["expires"] == "2027-01-01T00:00:00Z"
    assert signal["reasons"][0]["observed"]


@pytest.mark.parametrize("pivot", [{"kind": "payee", "value": "V2"}, {"kind": "account", "value": "V1"}])
def test_allowance_for_something_else_silences_nothing(pivot: Json) -> None:
    assert len(allowed(0, 20 * DAY, pivot).alerts) == 1


def test_allowance_of_one_rule_leaves_the_others() -> None:
    t = Tale()
    allow = {
        "rule": "shared-account",
        "pivot": {"kind": "account", "value": "fp-shared"},
        "expires": "2027-01-01T00:00:00Z",
    }
    t.verdict("al_" + "0" * 32, "benign", 0, allow=allow)
    t.pay("V1", "shared", invoice="417")
    t.pay("V2", "shared", invoice="417", at=DAY)
    played = t.play()
    assert played.score("shared-account") is None
    assert played.score(DUPLICATE) == 65


def test_allowance_for_a_listed_entry_ends_when_the_entry_changes() -> None:
    who = payee("E1", name="Vitaliy Andreyev")
    t = Tale()
    t.listed(PERSON, entry("L2", "ANDREYEV, Vitaliy"))
    allow = {
        "rule": "sanctioned-name",
        "pivot": {"kind": "payee", "value": "E1"},
        "list_entry": "L1",
        "expires": "2027-01-01T00:00:00Z",
    }
    t.verdict("al_" + "0" * 32, "benign", 0, allow=allow)
    t.pay(who, at=DAY)
    (other,) = t.play().alerts
    assert other["reasons"][0]["observed"]["entry_id"] == "L2"
    t.listed(PERSON | {"remarks": "changed"}, entry("L2", "ANDREYEV, Vitaliy"), version="2", at=2 * DAY)
    t.pay(who, at=3 * DAY)
    entries = {alert["reasons"][0]["observed"]["entry_id"] for alert in t.play().alerts}
    assert entries == {"L1", "L2"}


# sizes


def _many(payees: int) -> Tale:
    t = Tale()
    for n in range(payees):
        t.pay(f"V{n:03d}", "shared", "1.00", at=n * HOUR)
    return t


def test_lists_of_an_alert_keep_the_first_20_and_the_newest_and_count_what_is_left_out() -> None:
    t = _many(230)
    t.change("V000", account("shared"), 300 * HOUR)  # registers; a revision needs a payment or a new reason
    (alert,) = (a for a in t.play().alerts if a["subject"]["kind"] == "account")
    held = alert["payment_ids"]
    left_out = alert.get("truncated", {}).get("payment_ids", 0)
    assert len(held) + left_out == alert["money"][0]["count"]
    assert len(held) <= MOST_KEPT
    assert held[:FIRST_KEPT] == [f"P{n:05d}" for n in range(FIRST_KEPT)]


def test_from_the_20th_revision_on_only_twice_the_events_make_a_new_one() -> None:
    revisions = [data["revision"] for data in _many(SPARSE_FROM + 2).play().revisions]
    assert revisions[-1] == SPARSE_FROM
    events = [len(data["reasons"][0]["event_ids"]) for data in _many(60).play().revisions]
    assert events[SPARSE_FROM - 1 : SPARSE_FROM + 1] == [SPARSE_FROM + 1, 2 * (SPARSE_FROM + 1)]
