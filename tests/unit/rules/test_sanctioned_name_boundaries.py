"""Edges of the screening of names: who can be whom, which of several names is told, and what the engine adds."""

from __future__ import annotations

import pytest

from tests.scenarios.build import DAY, HOUR, Json, Played, Tale, account, entry, payee

RULE = "sanctioned-name"
FIRM = entry("L1", "Shenyang Geumpungri Network Technology Co., Ltd", "organisation", countries=["CN"])
PERSON = entry("L2", "ANDREYEV, Vitaliy", dob=["1976"], countries=["RU"])
STRONG, POSSIBLE = "Vitaliy Andreyev", "Vitaliy Andreyan"
ENGINE_FINDS = "Witali Andrejew"
"""The rules are silent on it; the engine gives 76.55."""
NEAR = "Vitaliy Andropov"
"""The engine gives 69.50, less than the 69.9 that make a name possible."""


def screened(*people: Json, engine_possible: float | None = 69.9) -> Played:
    t = Tale()
    t.policy(rules={RULE: {"params": {"engine_possible": engine_possible}}})
    t.listed(PERSON, FIRM)
    for n, one in enumerate(people):
        t.pay(one, at=DAY + n * HOUR)
    return t.play()


# whom a payee can be


@pytest.mark.parametrize(
    ("id", "entity_type", "found"),
    [
        ("V1", "person", "L2"),
        ("V1", "organisation", "L1"),
        ("E1", "person", "L2"),
        ("E1", "organisation", "L1"),
        ("E1", None, "L2"),
        ("C1", None, "L2"),
        ("V1", None, "L1"),
    ],
)
def test_names_are_those_of_a_person_or_of_a_firm_as_stated_else_by_kind(
    id: str, entity_type: str | None, found: str
) -> None:
    stated = {"entity_type": entity_type} if entity_type else {}
    both = payee(id, name=STRONG, legal_name="Shenyang Geumpungri Network Technology", **stated)
    assert [reason.told["observed"]["entry_id"] for reason in screened(both).reasons(RULE)] == [found]


def test_payee_of_no_known_kind_can_be_a_person_and_a_firm() -> None:
    both = payee("O1", name=STRONG, legal_name="Shenyang Geumpungri Network Technology")
    found = {reason.told["observed"]["entry_id"] for reason in screened(both).reasons(RULE)}
    assert found == {"L1", "L2"}


# which name is told


@pytest.mark.parametrize(
    ("name", "legal", "holder", "told"),
    [
        (POSSIBLE, STRONG, "Somebody Else", ("legal_name", STRONG, 65)),
        (STRONG, POSSIBLE, "Somebody Else", ("name", STRONG, 65)),
        (STRONG, "Andreyev Vitaliy", "Vitaliy ANDREYEV", ("name", STRONG, 65)),
        ("Somebody Else", STRONG, STRONG, ("legal_name", STRONG, 65)),
        (POSSIBLE, POSSIBLE, STRONG, ("holder_name", STRONG, 65)),
    ],
)
def test_entry_is_told_once_with_the_name_that_agrees_best_and_the_first_of_equals(
    name: str, legal: str, holder: str, told: tuple[str, str, int]
) -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(payee("E1", name=name, legal_name=legal), account("a", holder_name=holder), at=DAY)
    (reason,) = t.play().reasons(RULE)
    observed = reason.told["observed"]
    assert (observed["field"], observed["name"], reason.score) == told


def test_party_without_a_name_cannot_be_evaluated() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(payee("E1", country="IR"), at=DAY)
    (alert,) = t.play().alerts
    assert f"{RULE}: payee.name" in alert["not_evaluable"]


# what the engine adds


def test_name_that_only_the_engine_finds_is_possible_with_its_score() -> None:
    (reason,) = screened(payee("E1", name=ENGINE_FINDS)).reasons(RULE)
    observed = reason.told["observed"]
    assert (reason.score, observed["verdict"], observed["engine_score"]) == (45, "possible", 76.55)
    assert reason.told["text"].endswith("The engine gives 76.6 of 100.")


@pytest.mark.parametrize("name", [ENGINE_FINDS, NEAR])
def test_engine_that_is_off_finds_nothing(name: str) -> None:
    played = screened(payee("E1", name=name), engine_possible=None)
    assert (played.reasons(RULE), played.noted(RULE)) == ([], [])


def test_verdict_of_the_rules_needs_no_engine() -> None:
    (reason,) = screened(payee("E1", name=POSSIBLE), engine_possible=None).reasons(RULE)
    assert (reason.score, "engine_score" in reason.told["observed"]) == (45, False)


def test_model_is_named_where_it_had_a_part_only() -> None:
    def models(name: str) -> list[str]:
        return [name for alert in screened(payee("E1", name=name)).alerts for name in alert["versions"]["models"]]

    assert (models(ENGINE_FINDS), models(STRONG)) == (["names"], [])


@pytest.mark.parametrize(("possible", "found"), [(69.9, 1), (89.4, 1), (89.6, 0), (69.6, 1), (69.4, 0)])
def test_name_is_a_near_miss_up_to_twenty_points_below_what_is_possible(possible: float, found: int) -> None:
    assert len(screened(payee("E1", name=NEAR), engine_possible=possible).noted(RULE)) == found


def test_near_miss_is_noted_once_for_a_payee_however_often_it_is_paid() -> None:
    one, other = payee("E1", name=NEAR), payee("E2", name=NEAR)
    played = screened(one, one, other, one)
    noted = played.noted(RULE)
    assert [(reason.score, reason.subject[1]) for reason in noted] == [(10, "E1"), (10, "E2")]
    assert noted[0].data["title"] == "A payee's name comes near the listed ANDREYEV, Vitaliy"
    assert noted[0].told["observed"]["verdict"] == "near miss"
    assert played.reasons(RULE) == []
