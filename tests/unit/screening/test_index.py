"""Compiled lists: hits of names and identifiers, corroborators, clearing, order, engine.

The listed parties are those of OFAC's public designations of May 2023 and August 2025, or made up.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.screening import table
from sluicegate.screening.features import Folded, Rarity
from sluicegate.screening.index import CompiledList, Kind, NameQuery, identifier
from sluicegate.screening.verdict import Thresholds, Verdict
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName

ENTRIES = (
    ListEntry(
        entry_id="A1",
        kind="person",
        names=(ListName(name="ANDREYEV, Vitaliy Sergeyevich", quality="primary"),),
        dob=("1976",),
        countries=("RU",),
        wallets=("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",),
    ),
    ListEntry(
        entry_id="K1",
        kind="person",
        names=(ListName(name="KIM, Ung Sun", quality="primary"),),
        dob=("1976-02", "1981-05-30"),
        countries=("KP", "RU"),
        ids=(ListedId(scheme="passport", value="x-12 34"),),
    ),
    ListEntry(
        entry_id="S1",
        kind="organisation",
        names=(ListName(name="Shenyang Geumpungri Network Technology Co., Ltd", quality="primary"),),
        countries=("CN",),
        wallets=("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",),
        ids=(ListedId(scheme="bic", value="TESTCN2X"), ListedId(scheme="lei", value="00TEST")),
    ),
    ListEntry(entry_id="S2", kind="organisation", names=(ListName(name="Korea Sinjin Trading Corporation"),)),
    ListEntry(entry_id="V1", kind="vessel", names=(ListName(name="Ung Sun Kim", quality="primary"),)),
    ListEntry(
        entry_id="Z1",
        kind="person",
        names=(
            ListName(name="Zorvath, Quillon Merrimede", quality="primary"),
            ListName(name="Quill Zorv", quality="weak"),
        ),
        dob=("1969-03-02",),
        countries=("AQ",),
    ),
)
LIST = CompiledList("test", "1", reversed(ENTRIES))
LIST_OF_ONE = CompiledList("test", "1", [ListEntry(entry_id="a", kind="person", names=(ListName(name="Ann Example"),))])

# name, kind, countries, birth year, verified, hits as (entry, score), reason
SCREENED: list[tuple[str, Kind, str, int | None, bool, list[tuple[str, int]], str]] = [
    (
        "Shenyang Geumpungri Network Tech Co Ltd",
        "organisation",
        "CN",
        None,
        False,
        [("S1", 90)],
        "abbreviated, country",
    ),
    ("Shenyang Geumpungri Network Tech Co Ltd", "organisation", "", None, False, [("S1", 65)], "no corroborator"),
    ("Shenyang Geumpungri", "organisation", "CN", None, False, [("S1", 65)], "possible, country"),
    ("Shenyang Geumpungri", "organisation", "US", None, False, [("S1", 45)], "possible, another country"),
    ("Shenyang Geumpungri", "person", "CN", None, False, [], "an organisation is no person"),
    ("Sinjin Bakery LLC", "organisation", "US", None, False, [], "one distinctive token in common"),
    ("Kim Ung Sun", "person", "US", 1994, True, [("K1", 10)], "verified birth date clears"),
    ("Kim Ung Sun", "person", "US", 1994, False, [("K1", 65)], "unverified one does not"),
    ("Kim Ung Sun", "person", "US", None, True, [("K1", 65)], "a verified nothing does not"),
    ("Kim Ung Sun", "person", "KP", 1994, True, [("K1", 10)], "clearing beats the country"),
    ("Ungsun Kim", "person", "US", None, False, [("K1", 65)], "strong without corroborator"),
    ("Kim Ung Sun", "person", "US", 1977, False, [("K1", 90)], "one year off corroborates"),
    ("Kim Ung Sun", "person", "US", 1982, True, [("K1", 90)], "any listed year will do"),
    ("Kim Ung Sun", "person", "US", 1978, True, [("K1", 10)], "two years off"),
    ("Kim Ung Sun", "organisation", "KP", None, False, [], "a person and a vessel are no organisation"),
    ("Kim Ung Sun", "both", "KP", None, False, [("K1", 90)], "both types"),
    ("Kim Un Sung", "person", "KP", 1976, False, [], "another person"),
    ("Gim Ung Sun", "person", "US", None, False, [], "romanised without corroborator"),
    ("Gim Ung Sun", "person", "KP", None, False, [("K1", 65)], "romanised with corroborator"),
    ("Vitaly Andreyev", "person", "US", None, False, [("A1", 45)], "patronymic left out"),
    ("Vitаly Аndreyev", "person", "RU", None, False, [("A1", 65)], "look-alike letters, country"),
    ("Quill Zorv", "person", "US", None, False, [], "weak name alone"),
    ("Quill Zorv", "person", "AQ", None, False, [("Z1", 65)], "weak name, country"),
    ("Quill Zorv", "person", "AQ", 1990, True, [("Z1", 10)], "weak name, country, cleared"),
    ("", "both", "KP", None, False, [], "no name"),
]


@pytest.mark.parametrize(
    ("name", "kind", "country", "year", "verified", "hits", "reason"), SCREENED, ids=[row[6] for row in SCREENED]
)
def test_name_is_screened(
    name: str, kind: Kind, country: str, year: int | None, verified: bool, hits: list[tuple[str, int]], reason: str
) -> None:
    query = NameQuery(name, kind, frozenset({country} - {""}), year, verified)
    assert [(hit.entry_id, hit.score) for hit in LIST.screen_name(query)] == hits


def test_hit_tells_what_matched_and_what_corroborates() -> None:
    query = NameQuery("Ungsun Kim", "person", frozenset({"US", "RU", "KP"}), birth_year=1976)
    [hit] = LIST.screen_name(query)
    assert (hit.name, hit.quality, hit.verdict) == ("KIM, Ung Sun", "primary", Verdict.STRONG)
    assert hit.corroborators == ("country:KP", "country:RU", "dob:1976")
    assert str(hit.alignment) == "ungsun = ung sun, kim = kim"
    assert hit.cleared_by is None


def test_cleared_hit_says_so() -> None:
    [hit] = LIST.screen_name(NameQuery("Kim Ung Sun", "person", birth_year=1994, dob_verified=True))
    assert (hit.cleared_by, hit.score) == ("dob", 10)


def test_name_without_quality_counts_as_strong() -> None:
    [hit] = LIST.screen_name(NameQuery("Korea Sinjin Trading Corp", "organisation"))
    assert (hit.quality, hit.verdict) == ("strong", Verdict.STRONG)


def test_hits_come_by_falling_score_then_entry_and_the_best_name_of_an_entry_counts() -> None:
    entries = [
        person("c", ("Ann Example", "strong"), countries=("FR",)),
        person("b", ("Ann Example", "strong"), ("EXAMPLE, Ann", "primary")),
        person("a", ("Ann Petrovna Example", "primary")),
        person("d", ("Ann Example", "weak"), ("Ann Petrovna Example", "strong")),
    ]
    hits = CompiledList("test", "1", entries).screen_name(NameQuery("Ann Example", "person", frozenset({"FR"})))
    assert [(hit.entry_id, hit.score, hit.quality) for hit in hits] == [
        ("c", 90, "strong"),
        ("b", 65, "primary"),
        ("a", 45, "primary"),
        ("d", 45, "strong"),
    ]


def test_thresholds_apply_to_a_name_seen_before() -> None:
    query = NameQuery("Vitaly Andreyev", "person")
    assert LIST.screen_name(query) != []
    assert LIST.screen_name(query, thresholds=Thresholds(possible=0.96)) == []


@pytest.mark.parametrize(
    ("address", "entries"),
    [
        ("0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359", ["S1"]),
        ("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359", ["S1"]),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ["A1"]),
        ("1a1zp1ep5qgefi2dmptftl5slmv7divfna", []),
    ],
)
def test_wallet_matches_exactly_but_for_the_case_of_hex(address: str, entries: list[str]) -> None:
    assert [entry.entry_id for entry in LIST.wallet_hits(address)] == entries


@pytest.mark.parametrize(
    ("scheme", "value", "entries"),
    [
        ("passport", "X1234", ["K1"]),
        ("passport", "x 12-34", ["K1"]),
        ("national_id", "X1234", []),
        ("passport", "X12345", []),
        ("bic", "testcn2x", ["S1"]),
        ("bic", "TESTCN2XXXX", []),
        ("lei", "00TEST", ["S1"]),
    ],
)
def test_identifier_matches_by_scheme_and_value(scheme: str, value: str, entries: list[str]) -> None:
    assert [entry.entry_id for entry in LIST.id_hits(scheme, value)] == entries


def test_identifier_ignores_any_white_space() -> None:
    assert identifier("BIC", "a\u00a0b\tc") == ("bic", "ABC")


def test_shared_wallet_names_every_entry_once_by_id() -> None:
    wallets = ("0xAB", "0xab")
    names = (ListName(name="Ann Example"),)
    entries = [ListEntry(entry_id=key, kind="person", names=names, wallets=wallets) for key in "ba"]
    assert [entry.entry_id for entry in CompiledList("test", "1", entries).wallet_hits("0xaB")] == ["a", "b"]


def person(entry_id: str, *names: tuple[str, str | None], countries: tuple[str, ...] = ()) -> ListEntry:
    listed = tuple(ListName(name=name, quality=quality) for name, quality in names)  # type: ignore[arg-type]
    return ListEntry(entry_id=entry_id, kind="person", names=listed, countries=countries)


def first_letters(query: Folded, listed: Folded, rarity: Rarity) -> float:
    """A score for tests: of names of as many tokens, the share of equal first letters."""
    if len(query.tokens) != len(listed.tokens):
        return 0.0
    return 100 * sum(a[0] == b[0] for a, b in zip(query.tokens, listed.tokens, strict=True)) / len(query.tokens)


@pytest.fixture
def scored_by_first_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "score", first_letters)
    monkeypatch.setattr(table, "quick", lambda *_: 1.0)


@pytest.mark.parametrize(
    ("name", "country", "score", "reason"),
    [
        ("Unsun Sofia Kimhild", "US", 45, "lifted to possible"),
        ("Unsun Sofia Kimhild", "KP", 65, "lifted to possible, country"),
        ("Ung Sun Kim", "US", 65, "the rules' verdict stands"),
        ("Ung Sofia Xenia", "US", None, "score too low"),
        ("Ung Sun Gim", "US", None, "romanised without corroborator is an exclusion"),
        ("Ungsunki", "KP", None, "one token is one, too"),
    ],
)
@pytest.mark.usefixtures("scored_by_first_letters")
def test_engine_lifts_to_possible_unless_an_exclusion_applies(
    name: str, country: str, score: int | None, reason: str
) -> None:
    hits = CompiledList("test", "1", ENTRIES).screen_name(
        NameQuery(name, "person", frozenset({country})), engine_possible=70.0
    )
    assert {hit.entry_id: hit.score for hit in hits}.get("K1") == score


@pytest.mark.usefixtures("scored_by_first_letters")
def test_engine_is_off_without_a_threshold_and_silent_on_weak_names_without_corroborator() -> None:
    compiled = CompiledList("test", "1", ENTRIES)
    assert compiled.screen_name(NameQuery("Unsun Sofia Kimhild", "person")) == []
    assert compiled.screen_name(NameQuery("Quentil Zorbas", "person"), engine_possible=50.0, near_miss=10.0) == []
    [hit] = compiled.screen_name(NameQuery("Quentil Zorbas", "person", frozenset({"AQ"})), engine_possible=50.0)
    assert (hit.score, hit.engine, hit.quality) == (65, 100.0, "weak")


@pytest.mark.usefixtures("scored_by_first_letters")
def test_engine_is_silent_where_the_birth_date_clears() -> None:
    compiled = CompiledList("test", "1", ENTRIES)
    query = NameQuery("Unsun Sofia Kimhild", "person", birth_year=1994, dob_verified=True)
    assert compiled.screen_name(query, engine_possible=70.0, near_miss=10.0) == []


@pytest.mark.usefixtures("scored_by_first_letters")
def test_near_misses_follow_the_hits_and_are_the_best_three_of_entries_without_verdict() -> None:
    entries = [
        person("hit", ("Anna Berthold Carlstad", None), ("Anna Bertha Xylander", None)),
        *(person(f"near{at}", ("Anna Xerxes Xarlson", None), ("Anna Bertha Xylander", None)) for at in range(4)),
        person("far", ("Anna Xerxes Xylander", None)),
    ]
    hits = CompiledList("test", "1", entries).screen_name(
        NameQuery("Anna Bertha Carlson", "person"), engine_possible=90.0, near_miss=50.0
    )
    assert [(hit.entry_id, hit.verdict, hit.score, round(hit.engine or 0)) for hit in hits] == [
        ("hit", Verdict.POSSIBLE, 45, 100),
        ("near0", None, 10, 67),
        ("near1", None, 10, 67),
        ("near2", None, 10, 67),
    ]
    assert hits[1].name == "Anna Bertha Xylander"


@pytest.mark.usefixtures("scored_by_first_letters")
def test_near_misses_need_no_threshold_of_the_engines_verdict() -> None:
    [hit] = LIST_OF_ONE.screen_name(NameQuery("Ann Exampel", "person"), near_miss=100.0)
    assert (hit.verdict, hit.score, hit.engine) == (None, 10, 100.0)
    assert LIST_OF_ONE.screen_name(NameQuery("Bnn Exampel", "person"), near_miss=100.0) == []


@pytest.mark.usefixtures("scored_by_first_letters")
def test_entries_are_ranked_by_score_then_id_with_what_screening_says() -> None:
    entries = [
        person("b", ("Ann Example", "weak"), ("Ann Exemplar", "primary")),
        person("a", ("Annie Examples", "strong")),
        person("c", ("Bert Example", "strong")),
    ]
    compiled = CompiledList("test", "1", entries)
    ranked = compiled.rank(NameQuery("Ann Example", "person"), engine_possible=100.0)
    assert [(one.entry.entry_id, one.name, one.quality, one.score) for one in ranked] == [
        ("a", "Annie Examples", "strong", 100.0),
        ("b", "Ann Exemplar", "primary", 100.0),
        ("c", "Bert Example", "strong", 50.0),
    ]
    assert [one.verdict and one.verdict.verdict for one in ranked] == [Verdict.POSSIBLE, Verdict.POSSIBLE, None]
    assert compiled.rank(NameQuery("Ann Example", "person"), 2, engine_possible=100.0) == ranked[:2]
    assert compiled.rank(NameQuery("Ann Example", "organisation")) == []


@given(st.text(max_size=60), st.sampled_from(["person", "organisation", "both"]), st.booleans())
def test_screening_never_raises_and_repeats_itself(name: str, kind: Kind, verified: bool) -> None:
    query = NameQuery(name, kind, frozenset({"KP"}), 1976, verified)
    assert LIST.screen_name(query) == CompiledList("test", "1", ENTRIES).screen_name(query) == LIST.screen_name(query)


def test_listed_names_are_sought_by_type() -> None:
    query = NameQuery("Korea Sinjin", "organisation")
    assert [one.entry.entry_id for one in LIST.rank(query)] == ["S2"]
    assert LIST.rank(NameQuery("Korea Sinjin", "person")) == []
    assert [one.entry.entry_id for one in LIST.rank(NameQuery("Sinjin Korea", "both"))] == ["S2"]


def test_list_of_added_entries_alone_serves_to_screen_known_payees_again() -> None:
    added = CompiledList("test", "2", ENTRIES[1:2])
    assert [hit.entry_id for hit in added.screen_name(NameQuery("Kim Ung Sun", "both"))] == ["K1"]
    assert added.screen_name(NameQuery("Vitaly Andreyev", "both")) == []
