"""Verdicts on token lists: accepted and refused examples, each with its reason."""

import pytest

from sluicegate.screening.verdict import (
    Thresholds,
    Verdict,
    align,
    judge_organisation,
    judge_person,
    similarity,
)

STRONG, POSSIBLE = Verdict.STRONG, Verdict.POSSIBLE

SIMILARITIES = [
    ("sun", "sun", 100, "equal"),
    ("sun", "son", 0, "three letters are too few for an edit"),
    ("su", "sun", 0, "longer one has three letters"),
    ("sung", "sun", 85, "longer one has four letters, one edit"),
    ("pavel", "paval", 85, "five letters, one edit"),
    ("pavel", "povol", 0, "five letters, two edits"),
    ("yousef", "yousif", 90, "six letters, one edit"),
    ("yousef", "yusif", 0, "six letters, two edits"),
    ("mohamed", "muhamad", 0, "seven letters, two edits"),
    ("mohammed", "muhammad", 75, "eight letters, two edits"),
    ("ibrahimx", "ibrahi", 75, "eight letters against six"),
    ("sergeyevich", "sergeevichx", 75, "one letter lost, one added"),
    ("sergeyevich", "sirgaevych", 0, "more than two edits"),
    ("abcdefgh", "badcfegh", 0, "an exchange of neighbours is two edits"),
]

# query, listed name, verdict alone, verdict with a corroborator, reason
PEOPLE = [
    ("kim ung sun", "ung sun kim", STRONG, STRONG, "order does not count"),
    ("ungsun kim", "ung sun kim", STRONG, STRONG, "two tokens written together"),
    ("kimungsun", "kim ung sun", STRONG, STRONG, "all written together"),
    ("sunung kim", "ung sun kim", None, None, "joined in another order than listed"),
    ("kim un sung", "ung sun kim", None, None, "a different person: short syllables must be equal"),
    ("kim ung", "ung sun kim", None, None, "a syllable is missing"),
    ("kim ung sun lee", "ung sun kim", None, None, "a token too many"),
    ("vitaly andreyev", "vitaliy sergeyevich andreyev", POSSIBLE, POSSIBLE, "patronymic left out"),
    ("vitaliy sergeyevich", "vitaliy sergeyevich andreyev", None, None, "the surname is no patronymic"),
    ("sergeyevich andreyev", "vitaliy sergeyevich andreyev", None, None, "nor is the first name"),
    ("vitaly s andreyev", "vitaliy sergeyevich andreyev", POSSIBLE, POSSIBLE, "an initial is dropped"),
    ("ann example", "ann marie example", None, None, "five letters are no patronymic"),
    ("ann example", "ann maria lopezina example", None, None, "two tokens unused"),
    ("quill zorv", "quill zorv", STRONG, STRONG, "equal"),
    ("zorv", "zorv", None, None, "one token"),
    ("zorv", "quill zorv", None, None, "one token of two"),
    ("zorv zorv", "quill zorv", None, None, "a listed token explains only one token"),
    ("anna pavel", "anne paval", POSSIBLE, POSSIBLE, "mean 85: near, not strong"),
    ("yousef pavel", "yousif paval", POSSIBLE, POSSIBLE, "mean 87.5"),
    ("yousef ibrahim", "yousif ibrahem", STRONG, STRONG, "mean 90 exactly"),
    ("yousef ibrahim karimi", "yousif ibrahem karami", STRONG, STRONG, "three times 90, free of rounding"),
    ("mohammed pavel", "muhammad paval", None, None, "mean 80"),
    ("gim ung sun", "ung sun kim", None, POSSIBLE, "romanised surname needs a corroborator"),
    ("park chol su", "pak chol su", STRONG, STRONG, "near enough without romanisation: 95"),
    ("chung il nam", "jong il nam", None, POSSIBLE, "romanised, two edits"),
    ("u song chol", "wu song chol", None, POSSIBLE, "a surname of one letter"),
    ("gim pavel chol", "kim paval chol", None, POSSIBLE, "romanised and near: 91.7, still only possible"),
    ("gim un sun", "ung sun kim", None, None, "romanisation explains the surname only"),
    ("j r", "j r", STRONG, STRONG, "initials with equal partners count"),
    ("j r smith", "john smith", None, None, "initials dropped, one token left"),
    ("", "ann example", None, None, "nothing to compare"),
    ("ann example", "", None, None, "nothing to compare with"),
]

ORGANISATIONS = [
    ("shenyang geumpungri network technology", "shenyang geumpungri network technology", STRONG, "equal"),
    ("shenyang geumpungri", "shenyang geumpungri network technology", POSSIBLE, "generic words left out"),
    ("shenyang geum pungri", "shenyang geumpungri network technology", None, "joined on the list only"),
    ("shenyang geumpungri", "shenyang geum pungri network", POSSIBLE, "joined in the query"),
    ("shenyang network technology", "shenyang geumpungri network technology", None, "the distinctive word is missing"),
    ("sinjin bakery", "korea sinjin trading", None, "bakery is unexplained"),
    ("korea sinjin", "korea sinjin trading", POSSIBLE, "trading is generic"),
    ("sinjin trading", "korea sinjin trading", POSSIBLE, "so are country names"),
    ("sinjin", "korea sinjin trading", None, "one token used"),
    ("korea trading", "korea sinjin trading", None, "only generic words"),
    ("vektor", "vektor", None, "one token"),
    ("acme 5", "acme 7", None, "a digit is no initial"),
    ("acme bolts 5", "acme bolts", None, "nor may it be dropped"),
    ("lee trading", "li trading", None, "organisations have no surname"),
    ("pavel bolts", "paval balts", POSSIBLE, "mean 85"),
]


@pytest.mark.parametrize(("a", "b", "percent", "reason"), SIMILARITIES, ids=[row[3] for row in SIMILARITIES])
def test_similarity_follows_length_and_edits_both_ways(a: str, b: str, percent: int, reason: str) -> None:
    assert (similarity(a, b), similarity(b, a)) == (percent, percent)


@pytest.mark.parametrize(("query", "entry", "alone", "corroborated", "reason"), PEOPLE, ids=[row[4] for row in PEOPLE])
def test_person_verdict(
    query: str, entry: str, alone: Verdict | None, corroborated: Verdict | None, reason: str
) -> None:
    tokens = tuple(query.split()), tuple(entry.split())
    assert judge_person(*tokens).verdict is alone
    assert judge_person(*tokens, corroborated=True).verdict is corroborated


@pytest.mark.parametrize(("query", "entry", "verdict", "reason"), ORGANISATIONS, ids=[row[3] for row in ORGANISATIONS])
def test_organisation_verdict_does_not_depend_on_a_corroborator(
    query: str, entry: str, verdict: Verdict | None, reason: str
) -> None:
    tokens = tuple(query.split()), tuple(entry.split())
    assert judge_organisation(*tokens).verdict is verdict
    assert judge_organisation(*tokens, corroborated=True).verdict is verdict


def test_weak_name_needs_a_corroborator_and_is_never_strong() -> None:
    name = ("quill", "zorv")
    assert judge_person(name, name, weak=True).verdict is None
    assert judge_person(name, name, weak=True, corroborated=True).verdict is POSSIBLE
    assert judge_organisation(name, name, weak=True).verdict is None


def test_thresholds_move_both_verdicts() -> None:
    query, entry = ("yousef", "ibrahim"), ("yousif", "ibrahem")  # mean 90
    assert judge_person(query, entry, thresholds=Thresholds(strong=0.91)).verdict is POSSIBLE
    assert judge_person(query, entry, thresholds=Thresholds(strong=0.95, possible=0.91)).verdict is None


def test_equal_tokens_pair_before_similar_ones() -> None:
    alignment = align(("anna", "anne"), ("anne", "anna"))
    assert [(pair.query, pair.entry, pair.similarity) for pair in alignment.pairs] == [
        ("anna", ("anna",), 100),
        ("anne", ("anne",), 100),
    ]


def test_more_similar_pair_is_taken_first_and_ties_follow_position() -> None:
    alignment = align(("yousif", "yousaf"), ("yousef", "yousof"))
    assert str(alignment) == "yousif ~ yousef 90 %, yousaf ~ yousof 90 %"


def test_explanation_names_what_is_left_on_both_sides() -> None:
    text = str(align(("sinjin", "bakery"), ("korea", "sinjin", "trading")))
    assert text == "sinjin = sinjin; not in the listed name: bakery; listed name also has korea trading"
