"""Versions of one list: whatever they share, each answers as a list compiled of its entries alone."""

import gc
import weakref
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.screening import holding, pool, table
from sluicegate.screening.index import CompiledList, Kind, NameQuery
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.names import names

WALLETS = ["0xAB", "0xcd", "TQn9"]
KINDS: list[Kind] = ["person", "organisation", "both"]

listed_names = st.builds(
    lambda tokens, written, quality: ListName(name=written(" ".join(tokens)), quality=quality),
    names,
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from([None, "primary", "strong", "weak"]),
)
entries = st.builds(
    ListEntry,
    entry_id=st.sampled_from("abcdefgh"),
    kind=st.sampled_from(["person", "person", "organisation", "vessel"]),
    names=st.lists(listed_names, min_size=1, max_size=3).map(tuple),
    dob=st.sampled_from([(), ("1976",)]),
    countries=st.sampled_from([(), ("KP",)]),
    wallets=st.lists(st.sampled_from(WALLETS), max_size=2).map(tuple),
    ids=st.sampled_from([(), (ListedId(scheme="bic", value="TESTKPPY"),)]),
)
some = st.lists(entries, max_size=6)


def perhaps_listed(version: CompiledList) -> tuple[str, ...]:
    return (version.entries[0].names[0].name, "anna") if version.entries else ("anna",)


def assert_alike(version: CompiledList, held: Iterable[ListEntry], name: str) -> None:
    fresh = CompiledList("test", version.version, held)
    assert version.entries == fresh.entries
    for kind in KINDS:
        query = NameQuery(name, kind, frozenset({"KP"}), 1990, dob_verified=True)
        for one in (query, NameQuery(name, kind)):
            assert version.screen_name(one) == fresh.screen_name(one)
            hits = version.screen_name(one, engine_possible=60.0, near_miss=1.0)
            assert hits == fresh.screen_name(one, engine_possible=60.0, near_miss=1.0)
            assert version.rank(one, 9) == fresh.rank(one, 9)
    for wallet in WALLETS:
        assert version.wallet_hits(wallet) == fresh.wallet_hits(wallet)
    assert version.id_hits("bic", "TESTKPPY") == fresh.id_hits("bic", "TESTKPPY")


@pytest.mark.parametrize("small", [0, 1000], ids=["pools are replaced", "one pool"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_version_answers_as_a_list_of_its_entries_alone(
    small: int, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    monkeypatch.setattr(pool, "_SMALL", small)
    monkeypatch.setattr(table, "_NEAR", 2)  # so few that other names of the pool would push out those of the version
    monkeypatch.setattr(holding, "_RANKED", 2)
    first = data.draw(some)
    versions = [(CompiledList("test", "0", first), {entry.entry_id: entry for entry in first})]
    for number in range(1, data.draw(st.integers(2, 8))):
        version, held = data.draw(st.sampled_from(versions))
        if data.draw(st.booleans()):
            version.prepare(data.draw(some))
        added, removed = data.draw(some), data.draw(st.lists(st.sampled_from("abcdefghi"), max_size=3))
        later = {id: entry for id, entry in held.items() if id not in removed}
        later.update((entry.entry_id, entry) for entry in added)
        versions.append((version.derive(str(number), iter(added), iter(removed)), later))
    name = " ".join(data.draw(names | st.sampled_from([perhaps_listed(version) for version, _ in versions])))
    for version, held in versions:
        assert_alike(version, data.draw(st.permutations(list(held.values()))), name)


def person(number: int) -> ListEntry:
    name = f"{'abcdefghij'[number % 10] * 4} Example{number:05}"
    return ListEntry(entry_id=str(number), kind="person", names=(ListName(name=name),), wallets=(f"0x{number}",))


def test_what_is_prepared_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = [person(number) for number in range(20)]
    version = CompiledList("test", "1", [])
    version.prepare(ahead)
    assert version.entries == ()
    assert version.wallet_hits("0x7") == ()
    monkeypatch.setattr(pool.Pool, "_compile", None)
    derived = version.derive("2", [person(number) for number in range(20)], [])
    assert (derived.name, derived.version) == ("test", "2")
    assert derived.entries == tuple(sorted(ahead, key=lambda entry: entry.entry_id))
    assert [entry.entry_id for entry in derived.wallet_hits("0x7")] == ["7"]


def test_of_names_that_are_alike_the_first_of_the_entry_is_the_hit_whichever_is_known_longer() -> None:
    names = (ListName(name="Ann Example"), ListName(name="ANN EXAMPLE"))
    entry = ListEntry(entry_id="a", kind="person", names=names)
    version = CompiledList("test", "1", [ListEntry(entry_id="b", kind="person", names=names[1:])])
    [hit] = version.derive("2", [entry], ["b"]).screen_name(NameQuery("Ann Example", "person"))
    assert hit.name == "Ann Example"


def test_entry_is_found_by_its_id() -> None:
    version = CompiledList("test", "1", [person(1), person(2)])
    assert version.entry("1") == person(1)
    assert version.entry("3") is None
    assert version.derive("2", [], ["1"]).entry("1") is None


def test_of_entries_of_one_id_the_last_one_counts() -> None:
    first, last = person(1), ListEntry(entry_id="1", kind="person", names=(ListName(name="Zoe Zander"),))
    version = CompiledList("test", "1", [first, last])
    assert version.entries == (last,)
    assert version.screen_name(NameQuery(first.names[0].name, "person")) == []


def test_memory_does_not_grow_with_the_number_of_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SMALL", 20)
    version = CompiledList("test", "0", [person(number) for number in range(100)])
    largest = 0
    for number in range(100, 1500, 10):
        added = [person(at) for at in range(number, number + 10)]
        version.prepare(added)
        version = version.derive(str(number), added, [str(at) for at in range(number - 100, number - 90)])
        assert len(version.entries) == 100
        largest = max(largest, len(version._holding.pool))
    assert largest <= 300
    assert version.entries[0] == person(1400)


def test_a_version_goes_at_once_when_nobody_holds_it() -> None:
    version = CompiledList("test", "1", [person(1)])
    version.screen_name(NameQuery("Aaaa Example", "person"), engine_possible=1.0)
    gone = weakref.ref(version)
    gc.disable()
    try:
        version = version.derive("2", [person(2)], ["1"])
        assert gone() is None
    finally:
        gc.enable()
    assert version.entries == (person(2),)
