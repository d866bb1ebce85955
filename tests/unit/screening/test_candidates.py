"""Candidates against brute force: the index may offer too much, never too little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.screening.candidates import NameIndex
from sluicegate.screening.neighbours import Neighbours
from sluicegate.screening.verdict import Tokens, compare, similarity
from tests.unit.screening.names import names, perturbed

tokens = st.text("abcn", min_size=1, max_size=13)


@given(st.lists(tokens, max_size=30), tokens, st.booleans(), st.data())
def test_neighbours_are_exactly_the_similar_tokens(
    held: list[str], token: str, flip: bool, data: st.DataObject
) -> None:
    if held and flip:  # mostly near misses
        token = data.draw(st.sampled_from(held))
        for _ in range(2):
            place = data.draw(st.integers(0, len(token)))
            token = token[:place] + data.draw(st.sampled_from(["", "a", "x"])) + token[place + 1 :] or token
    expected = {other for other in held if other != token and similarity(token, other)}
    assert Neighbours(dict.fromkeys(held)).near(token) == expected


@pytest.mark.parametrize("organisation", [False, True])
@given(listed=st.lists(names, min_size=1, max_size=25), data=st.data())
def test_no_name_with_a_verdict_is_left_out(organisation: bool, listed: list[Tokens], data: st.DataObject) -> None:
    index = NameIndex(listed, organisation=organisation)
    query = data.draw(perturbed(listed) | names)
    matching = {at for at, name in enumerate(listed) if compare(query, name, organisation=organisation).promising}
    candidates = index.candidates(query)
    assert matching <= set(candidates)
    assert candidates == sorted(set(candidates))


def test_empty_query_and_empty_index_have_no_candidates() -> None:
    assert NameIndex([("ann", "example")], organisation=False).candidates(()) == []
    assert NameIndex([], organisation=False).candidates(("ann", "example")) == []


def test_common_tokens_alone_bring_no_candidates_of_rare_names() -> None:
    listed = [("kim", f"name{at:04}") for at in range(500)]
    assert NameIndex(listed, organisation=False).candidates(("kim", "unheardof")) == []


def test_tokens_that_are_all_common_are_intersected() -> None:
    listed = [("kim", "abcdefghij"[at % 10] * 6, "klmno"[at % 5] * 6) for at in range(500)]
    index = NameIndex(listed, organisation=False)
    assert index.candidates(("kim", "aaaaaa", "kkkkkk")) == list(range(0, 500, 10))
    assert index.candidates(("kim", "aaaaaa", "llllll")) == []


def test_names_with_fewer_tokens_than_the_query_are_not_offered() -> None:
    assert NameIndex([("ann", "ann")], organisation=False).candidates(("ann", "ann", "ann")) == []
