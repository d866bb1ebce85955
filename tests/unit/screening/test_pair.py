"""Two names alone."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from sluicegate.screening.pair import Kind, score_pair

ALIKE = [
    ("Vitaly Andreyev", "ANDREYEV, Vitaliy Sergeyevich", "person", "spelling, patronymic left out"),
    ("Андреев Виталий", "Vitaly Andreyev", "person", "another script"),
    ("김웅선", "Kim Ung Sun", "person", "Hangul"),
    ("Ann Zorvexsen", "Zorvexsen Ann", "person", "order"),
    ("Zorvex GmbH", "ZORVEX Gesellschaft mit beschränkter Haftung", "organisation", "legal form written out"),
    ("Zorvex Intl Trading", "Zorvex International Trading Ltd", "organisation", "short form"),
    ("Bank of the United States", "Bank of the US", "organisation", "contraction"),
    ("Brigade Forty-Four", "Brigade 44", "organisation", "number in words"),
]
UNLIKE = [
    ("Ann Zorvexsen", "Ann Petersen", "person", "first name only"),
    ("Ann Zorvexsen", "Eve Zorvexsen", "person", "surname only"),
    (
        "Shenyang Geumpungri Bakery",
        "Shenyang Geumpungri Network Technology Co., Ltd",
        "organisation",
        "one distinctive",
    ),
    ("CORP", "Zorvex Corp", "both", "legal form only"),
]


@pytest.mark.parametrize(("a", "b", "kind", "reason"), ALIKE)
def test_names_of_one_party_score_high(a: str, b: str, kind: Kind, reason: str) -> None:
    assert score_pair(a, b, kind) > 60, reason


@pytest.mark.parametrize(("a", "b", "kind", "reason"), UNLIKE)
def test_names_of_two_parties_score_low(a: str, b: str, kind: Kind, reason: str) -> None:
    assert score_pair(a, b, kind) < 30, reason


@settings(max_examples=100)
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_pair_is_symmetric(a: str, b: str) -> None:
    assert score_pair(a, b) == pytest.approx(score_pair(b, a))


def test_both_kinds_score_as_the_better_of_them() -> None:
    a, b = "Zorvex Trading", "Zorvex Trading Co., Ltd"
    assert score_pair(a, b) == max(score_pair(a, b, "person"), score_pair(a, b, "organisation"))
