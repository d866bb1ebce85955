"""What facts do to a score: by how much, in which order, and what they never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.screening.assess import Assessment, Facts, assess, move
from sluicegate.screening.index import Candidate, Kind
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName

ENTRY = ListEntry(
    entry_id="Z1",
    kind="person",
    names=(ListName(name="ZORVATH, Quillon", quality="primary"),),
    dob=("1969-03-02", "1971"),
    countries=("AQ", "BV"),
    wallets=("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",),
    ids=(ListedId(scheme="passport", value="x-12 34"),),
)
WALLET = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"


def judged(score: float, known: Facts, quality: str = "primary", entry: ListEntry = ENTRY) -> Assessment:
    return assess(Candidate(entry, "ZORVATH, Quillon", quality, score, None), known)


@pytest.mark.parametrize(
    ("known", "score", "texts"),
    [
        (Facts(), 80.0, []),
        (Facts(kind="person"), 80.0, []),
        (Facts(countries=frozenset({"AQ", "US"})), 90.91, ["country in common: AQ"]),
        (Facts(countries=frozenset({"US"})), 61.29, ["no country in common; listed are AQ, BV"]),
        (Facts(dob="1969-03-02"), 99.75, ["birth date is equal; listed is 1969-03-02, 1971"]),
        (Facts(dob="1970"), 97.56, ["birth year agrees; listed is 1969-03-02, 1971"]),
        (Facts(dob="1972-05"), 97.56, ["birth year agrees; listed is 1969-03-02, 1971"]),
        (Facts(dob="1973-01-01"), 13.67, ["birth year differs; listed is 1969-03-02, 1971"]),
        (
            Facts(dob="1990", dob_verified=True),
            0.0,
            ["birth year differs; listed is 1969-03-02, 1971", "cleared: the birth date is verified"],
        ),
        (Facts(dob="1969", dob_verified=True), 97.56, ["birth year agrees; listed is 1969-03-02, 1971"]),
        (Facts(kind="organisation"), 0.0, ["excluded: the entry is a person, not an organisation"]),
        (Facts(wallets=frozenset({WALLET})), 100.0, [f"wallet is listed: {WALLET}"]),
        (Facts(ids=frozenset({("passport", "X1234")})), 100.0, ["passport is listed"]),
        (Facts(ids=frozenset({("tax", "X1234")}), wallets=frozenset({"0xab"})), 80.0, []),
    ],
)
def test_fact_moves_a_score_of_80_and_says_why(known: Facts, score: float, texts: list[str]) -> None:
    found = judged(80.0, known)
    assert (round(found.score, 2), [fact.text for fact in found.facts]) == (score, texts)
    assert found.excluded == (known.kind == "organisation")
    assert found.identified == (score == 100)


def test_day_that_differs_in_the_same_year_changes_nothing_and_is_said() -> None:
    entry = ListEntry(entry_id="Z1", kind="person", names=ENTRY.names, dob=("1969-03-02",))
    found = judged(80.0, Facts(dob="1969-11-30"), entry=entry)
    assert (found.score, found.facts[0].text) == (80.0, "birth year agrees, the day does not; listed is 1969-03-02")


def test_first_of_january_agrees_in_the_year_alone() -> None:
    entry = ListEntry(entry_id="Z1", kind="person", names=ENTRY.names, dob=("1969-01-01",))
    assert judged(80.0, Facts(dob="1969-01-01"), entry=entry).facts[0].text.startswith("birth year agrees;")


def test_entry_without_dates_and_countries_is_not_moved_by_them() -> None:
    entry = ListEntry(entry_id="Z1", kind="person", names=ENTRY.names)
    known = Facts(countries=frozenset({"US"}), dob="1990", dob_verified=True)
    assert judged(80.0, known, quality="weak", entry=entry) == Assessment(80.0)


def test_weak_alias_falls_where_facts_are_known_and_none_speaks_for_it() -> None:
    elsewhere, near = Facts(countries=frozenset({"US"})), Facts(countries=frozenset({"US"}), dob="1970")
    assert judged(80.0, Facts(), quality="weak").score == 80.0
    assert round(judged(80.0, elsewhere, quality="weak").score, 2) == 13.67
    assert judged(80.0, near, quality="weak") == judged(80.0, near)


def test_identifier_counts_whatever_kind_and_birth_date_say() -> None:
    known = Facts(kind="organisation", dob="1990", dob_verified=True, wallets=frozenset({WALLET}))
    found = judged(3.0, known)
    assert (found.score, found.excluded, found.identified) == (100.0, False, True)


def test_perfect_name_is_moved_by_a_birth_year_that_differs() -> None:
    assert judged(100.0, Facts(dob="1990")).score < 50


KINDS: tuple[Kind, ...] = ("person", "both", "organisation")
FACTS = st.builds(
    Facts,
    kind=st.sampled_from(KINDS),
    countries=st.frozensets(st.sampled_from(["AQ", "US"])),
    dob=st.sampled_from([None, "1969", "1969-03-02", "1970-05-05", "1971-01-01", "1990"]),
    dob_verified=st.booleans(),
    wallets=st.sampled_from([frozenset(), frozenset({WALLET})]),
)
SCORES = st.integers(0, 10**9).map(lambda n: n / 10**7)
ROUNDING = 1e-9
QUALITIES = st.sampled_from(["primary", "strong", "weak"])


@given(SCORES, SCORES, FACTS, QUALITIES)
def test_same_facts_keep_the_order_of_the_names(a: float, b: float, known: Facts, quality: str) -> None:
    lower, higher = sorted((a, b))
    assert judged(lower, known, quality).score <= judged(higher, known, quality).score + ROUNDING


@given(SCORES, FACTS, QUALITIES)
def test_steps_join_up_and_stay_within_0_and_100(score: float, known: Facts, quality: str) -> None:
    found = judged(score, known, quality)
    at = score
    for fact in found.facts:
        assert fact.before == at
        at = fact.after
    assert 0 <= found.score <= 100 + ROUNDING
    assert found.score == at


@given(SCORES, QUALITIES, st.sampled_from([None, "1969", "1970-05-05", "1990"]))
def test_country_in_common_never_lowers_and_a_verified_date_never_raises(
    score: float, quality: str, dob: str | None
) -> None:
    alone, corroborated = Facts(dob=dob), Facts(dob=dob, countries=frozenset({"AQ"}))
    assert judged(score, corroborated, quality).score >= judged(score, alone, quality).score - ROUNDING
    verified = Facts(dob=dob, dob_verified=True)
    assert judged(score, verified, quality).score <= judged(score, alone, quality).score


@given(SCORES, FACTS)
def test_weak_name_is_never_above_a_strong_one(score: float, known: Facts) -> None:
    assert judged(score, known, "weak").score <= judged(score, known, "strong").score


@given(SCORES, st.floats(1e-4, 1e4), st.floats(1e-4, 1e4))
def test_move_rises_with_the_ratio_and_is_exact_at_one(score: float, a: float, b: float) -> None:
    lower, higher = sorted((a, b))
    assert move(score, lower) <= move(score, higher) + ROUNDING
    assert move(score, 1.0) == score
