"""The scorer: which names score high, which low, and that a score depends on the two names and the rarity alone."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from sluicegate.screening import model_data
from sluicegate.screening.features import FEATURES, features
from sluicegate.screening.linking import link
from sluicegate.screening.scorer import MODEL_VERSION, Side, fold_name, quick, rarity_of, score
from sluicegate.screening.trees import Forest

POSSIBLE = 60  # points; about where 0.5 % of unlisted names begin
NAMES = 40_000
GEUMPUNGRI = "Shenyang Geumpungri Network Technology Co., Ltd"


def usual(token: str) -> float:
    """Rarity on a list of many names, of which these are the only common tokens here."""
    return rarity_of({"kim": 600, "vladimir": 250, "maria": 200, "trading": 800, "bank": 700}.get(token, 2), NAMES)


ALIKE = [
    ("Vitaly Andreyev", "ANDREYEV, Vitaliy Sergeyevich", "person", "spelling, patronymic left out"),
    ("Andreyev Vitaliy", "ANDREYEV, Vitaliy", "person", "order"),
    ("Dr Vitaliy Andreyev", "ANDREYEV, Vitaliy", "person", "title"),
    ("Muhammed Zarqani", "ZARQANI, Mohammad", "person", "spellings of one name"),
    ("Аndrеyev Vitaliy", "ANDREYEV, Vitaliy", "person", "look-alike letters"),
    ("Sheny\u200bang Geumpungri Network Technology", GEUMPUNGRI, "organisation", "hidden"),
    ("Geumpungri Shenyang Network Technology Ltd", GEUMPUNGRI, "organisation", "order"),
    ("Zorvex 2 Holdings", "ZORVEX II HOLDINGS", "organisation", "one number in two scripts"),
    ("Z.O.R. Vexholm", "ZOR VEXHOLM LLC", "organisation", "letters with dots"),
]
UNLIKE = [
    ("Kim Un Sung", "KIM, Ung Sun", "person", "each syllable must agree"),
    ("Sergey Andreyev", "ANDREYEV, Vitaliy Sergeyevich", "person", "only the surname"),
    ("Maria Petersen", "GARCIA, Maria", "person", "only a common first name"),
    ("Shenyang Geumpungri Bakery", GEUMPUNGRI, "organisation", "one distinctive token"),
    ("Zorvex Fund II", "Zorvex Fund III", "organisation", "sister funds"),
    ("Plant 103", "Plant 105", "organisation", "numbers differ"),
    ("Global Trading Company", "Zorvex Global Trading Company", "organisation", "generic words only"),
]
ZERO = [
    ("CORP", "Zorvex Corp", "organisation", "a legal form alone"),
    ("Corp", "CORP, Ann", "person", "a legal form, also for a person"),
    ("Ltd. Co.", "Zorvex Ltd. Co.", "organisation", "two of them"),
    ("Mr", "SMITH, John", "person", "a title alone"),
    ("", "SMITH, John", "person", "nothing"),
    ("!?", "SMITH, John", "person", "nothing readable"),
]


def points(query: str, listed: str, kind: Side) -> float:
    return score(fold_name(query, kind), fold_name(listed, kind), usual)


@pytest.mark.parametrize(("query", "listed", "kind", "reason"), ALIKE)
def test_names_of_one_party_score_above_the_threshold(query: str, listed: str, kind: Side, reason: str) -> None:
    assert points(query, listed, kind) > POSSIBLE, reason


@pytest.mark.parametrize(("query", "listed", "kind", "reason"), UNLIKE)
def test_names_of_two_parties_score_below_the_threshold(query: str, listed: str, kind: Side, reason: str) -> None:
    assert points(query, listed, kind) < POSSIBLE / 2, reason


@pytest.mark.parametrize(("query", "listed", "kind", "reason"), ZERO)
def test_a_name_that_names_nobody_scores_zero(query: str, listed: str, kind: Side, reason: str) -> None:
    assert points(query, listed, kind) == 0, reason


def test_equal_names_score_nearly_a_hundred() -> None:
    assert points("Vitaliy Andreyev", "ANDREYEV, Vitaliy", "person") > 95


def test_a_legal_form_of_an_organisation_is_a_name_of_a_person() -> None:
    assert points("An Sa", "SA, An", "person") > POSSIBLE


def test_a_score_is_not_rounded() -> None:
    value = points("Vitaly Andreyev", "ANDREYEV, Vitaliy Sergeyevich", "person")
    assert value != round(value, 2)


@settings(max_examples=200)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["person", "organisation"]))
def test_any_two_texts_have_a_score_that_repeats(query: str, listed: str, kind: Side) -> None:
    first = points(query, listed, kind)
    assert 0 <= first <= 100
    assert points(query, listed, kind) == first
    assert 0 <= quick(fold_name(query, kind), fold_name(listed, kind)) <= 1


def test_rarity_falls_with_the_names_that_have_a_token() -> None:
    values = [rarity_of(holders, NAMES) for holders in (0, 1, 2, 20, 2_000, NAMES, NAMES + 1)]
    assert values == sorted(values, reverse=True)
    assert (values[0], values[1], values[-1]) == (1, 1, 0)


def test_a_short_list_calls_no_token_common() -> None:
    assert rarity_of(3, 6) > 0.8


LINKS = [
    ("kim ungson", "ung son kim", "ungson=ung son", "written together"),
    ("un gson", "ungson", "un gson=ungson", "written apart"),
    ("j smith", "smith john", "j=john", "initial"),
    ("smyth", "smith", "smyth=smith", "sound"),
    ("grzttn", "graziottin", "grzttn=graziottin", "vowels left out"),
    ("bob", "robert", "bob=robert", "diminutive"),
    ("pak", "park", "pak=park", "romanised surname"),
    ("jc weber", "jean claude weber", "jc=jean claude", "acronym"),
    ("gim ungseon", "kim ung sun", "ungseon=ung sun", "nearly written together"),
    ("anna leo", "anna leonidovna", "leo=leonidovna", "last token cut off"),
]


@pytest.mark.parametrize(("query", "listed", "expected", "reason"), LINKS)
def test_links_say_which_tokens_explain_which(query: str, listed: str, expected: str, reason: str) -> None:
    tokens, others = query.split(), listed.split()
    links, _, _ = link(tokens, others)
    told = {f"{' '.join(tokens[a:b])}={' '.join(others[c:d])}" for a, b, c, d, _, _ in links}
    assert expected in told, reason


@pytest.mark.parametrize(("query", "listed"), [("103", "105"), ("1", "12"), ("kim", "pak"), ("sun", "ho")])
def test_what_differs_is_not_linked(query: str, listed: str) -> None:
    assert link([query], [listed]) == ([], [0], [0])


@given(st.lists(st.text("abk", min_size=1, max_size=4), max_size=6), st.lists(st.text("abk", min_size=1), max_size=6))
def test_every_token_is_linked_once_or_left_over(query: list[str], listed: list[str]) -> None:
    links, left, free = link(query, listed)
    assert sorted([*left, *(at for a, b, _, _, _, _ in links for at in range(a, b))]) == [*range(len(query))]
    assert sorted([*free, *(at for _, _, c, d, _, _ in links for at in range(c, d))]) == [*range(len(listed))]
    assert all(0 < similarity <= 1 for *_, similarity, _ in links)


def test_features_are_as_many_as_named_and_as_trained() -> None:
    values = features(fold_name("Ann Lee", "person"), fold_name("LEE, Ann", "person"), usual)
    assert len(values) == len(FEATURES) == model_data.FEATURES


def test_father_and_child_exchanged_are_seen() -> None:
    names = [fold_name(name, "person") for name in ("Salim bin Tarek", "Tarek bin Salim", "Salim bin Tarek")]
    seen = [features(names[0], other, usual)[FEATURES.index("lineage")] for other in names[1:]]
    assert seen == [True, False]


def test_the_model_has_a_version() -> None:
    assert MODEL_VERSION.startswith("names-")


def test_a_forest_adds_up_the_leaves_of_its_trees() -> None:
    forest = Forest(2, (0, 1, 1, 0), (0.5, 3, 1, 0.2), (1, 2, 3, 4, 10, 20, 30, 40), bias=100)
    expected = {(0, 0): 111, (0, 2): 131, (1, 0): 123, (1, 4): 144}
    found = {values: round(forest.log_odds(values) * 10_000) for values in expected}
    assert found == expected


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_a_forest_agrees_with_walking_its_trees(values: list[float]) -> None:
    rng = np.random.default_rng(0)
    asked, least, leaves = rng.integers(0, 3, 15), rng.random(15), rng.integers(-9, 9, 40)
    walked = 0
    for tree in range(5):
        leaf = 0
        for at in range(3 * tree, 3 * tree + 3):
            leaf = 2 * leaf + (values[asked[at]] > least[at])
        walked += leaves[8 * tree + leaf]
    forest = Forest(3, asked.tolist(), least.tolist(), leaves.tolist())
    assert round(forest.log_odds(values) * 10_000) == walked
