"""Schemes and verdicts: each is played, labelled, and names the alert it should open."""

from __future__ import annotations

import msgspec
import pytest

from sluicegate.generate.drafts import Case, alert_id
from sluicegate.generate.schemes import SCHEMES
from sluicegate.generate.stream import Generated, Generator
from sluicegate.wire.decode import Event, decode

START = 1_781_161_200_000_000


@pytest.fixture(scope="module")
def played() -> list[Generated]:
    generator = Generator(
        21, start=START, tenants=5, payees=700, history_days=400, scheme_share=0.006, verdict_share=0.5
    )
    return list(generator.history())


def test_every_file_is_found_and_named() -> None:
    assert set(SCHEMES) == {
        "borrowed-identity",
        "changed-account-before-pay-day",
        "crypto-request",
        "decimal-slip",
        "duplicate-invoice",
        "listed-name",
        "listed-wallet",
        "mailed-account-change",
        "pay-spike",
        "shared-account",
        "shared-wallet",
    }
    assert all(scheme.rule and scheme.family and scheme.play.__module__ for scheme in SCHEMES.values())


@pytest.mark.parametrize("name", SCHEMES)
def test_scheme_is_played_and_its_opening_event_names_the_alert(name: str, played: list[Generated]) -> None:
    opened = [record for record in played if record.label == name and record.opens]
    assert len(opened) >= 3
    for record in opened:
        case = record.case
        assert case is not None
        event = decode(record.value)
        assert isinstance(event, Event)
        assert case.alert_id == alert_id(case, event.source, event.id)
        assert (case.scheme, case.rule, case.tenant) == (name, SCHEMES[name].rule, record.tenant)
        assert case.subject_id in record.value.decode()


def test_each_case_opens_once(played: list[Generated]) -> None:
    opened = [id(record.case) for record in played if record.opens]
    assert len(opened) == len(set(opened))


def test_schemes_are_rare(played: list[Generated]) -> None:
    begun = sum(record.opens for record in played)
    assert 0.003 < begun / len(played) < 0.007
    assert all(record.label == (record.case.scheme if record.case else None) for record in played)


def test_verdicts_answer_known_alerts_and_allow_their_subjects(played: list[Generated]) -> None:
    cases = {record.case.alert_id: record.case for record in played if record.opens and record.case}
    verdicts = [msgspec.json.decode(record.value)["data"] for record in played if record.topic == "dispositions"]
    assert len(verdicts) > 0.3 * len(cases)
    assert {verdict["verdict"] for verdict in verdicts} == {"confirmed", "escalated", "false_positive", "benign"}
    for verdict in verdicts:
        case = cases[verdict["alert_id"]]
        assert ("allow" in verdict) == (verdict["verdict"] == "false_positive")
        if "allow" in verdict:
            assert verdict["allow"]["rule"] == case.rule
            assert verdict["allow"]["pivot"] == {"kind": case.subject_kind, "value": case.subject_id}
            assert ("list_entry" in verdict["allow"]) == case.rule.startswith("sanctioned")


def test_no_verdicts_when_nobody_decides() -> None:
    generator = Generator(21, start=START, tenants=2, payees=200, scheme_share=0.01, verdict_share=0)
    assert not any(record.topic == "dispositions" for record in generator.history())


def test_injected_scheme_is_found_among_the_next_live_events() -> None:
    generator = Generator(8, start=START, tenants=3, payees=300, scheme_share=0)
    past = list(generator.history())
    assert not any(record.label for record in past)
    for name in ("mailed-account-change", "listed-name", "crypto-request", None):
        case = generator.inject(name)
        assert isinstance(case, Case)
        opened = next(r for n in range(3_000) if (r := generator.next_live(START + n * 50_000)).opens)
        assert opened.case is case


def test_scheme_without_a_victim_is_not_played() -> None:
    generator = Generator(8, start=START, tenants=1, payees=12, history_days=0)
    assert generator.inject("pay-spike") is None
    assert generator.inject("duplicate-invoice") is None


def test_two_schemes_on_one_victim_only_the_first_happens() -> None:
    generator = Generator(8, start=START, tenants=1, payees=12, scheme_share=0)
    assert list(generator.history())
    cases = [generator.inject(name) for name in ("mailed-account-change", "changed-account-before-pay-day") * 20]
    for _ in range(400):
        generator.next_live(START)
    opened = [case.subject_id for case in cases if case and case.alert_id]
    assert len(opened) < len(cases)
    assert len(opened) == len(set(opened)) >= 2
