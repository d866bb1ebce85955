"""Retrieval by grams: what is found, and that the order of filing and the names of other versions do not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.screening.grams import grams
from sluicegate.screening.retrieval import GramIndex, GramView
from sluicegate.screening.verdict import Tokens
from tests.unit.screening.names import names

LISTED = [
    ("vitaliy", "sergeyevich", "andreyev"),
    ("graziottin", "flavio"),
    ("seyed", "ahmad", "khadem"),
    ("kaveh", "cutting", "tools"),
    ("desyatova", "natalya", "leonidovna"),
    *((f"{first}ov", f"{second}chenko") for first in ("ivan", "petr", "sidor") for second in ("gor", "tym", "lev")),
]


def index_of(listed: list[Tokens]) -> GramIndex:
    index = GramIndex()
    for tokens in listed:
        index.add(" ".join(tokens), grams(tokens))
    return index


def view_of(index: GramIndex, positions: list[int]) -> GramView:
    present = np.zeros(len(index), np.bool_)
    present[positions] = True
    return GramView(index).changed(present)


@pytest.mark.parametrize(
    ("query", "best", "reason"),
    [
        ("andreyev vitaliy sergeyevich", 0, "order"),
        ("vitaly andreev", 0, "spelling"),
        ("grzttn flvo", 1, "left-out vowels"),
        ("said akhmed hadem", 2, "another romanisation"),
        ("k c t", 3, "first letters"),
        ("desyatova natalya le", 4, "cut off"),
        ("desyatovanatalya leonidovna", 4, "written together"),
    ],
)
def test_misspelled_name_is_found(query: str, best: int, reason: str) -> None:
    index = index_of(LISTED)
    assert view_of(index, list(range(len(LISTED)))).nearest(grams(tuple(query.split())), 3)[0] == best


def test_nothing_in_common_nothing_found() -> None:
    index = index_of(LISTED)
    everything = view_of(index, list(range(len(LISTED))))
    assert everything.nearest(grams(("wxw",)), 3) == []
    assert everything.nearest((), 3) == []
    assert GramView(index).nearest(grams(LISTED[0]), 3) == []


def test_names_that_are_equally_near_come_in_the_same_order_however_they_were_filed() -> None:
    alike: list[Tokens] = [("ann", first * 5) for first in "bcdefghijklm"]
    orders = []
    for listed in (alike, alike[::-1], alike[5:] + alike[:5]):
        view = view_of(index_of(listed), list(range(len(listed))))
        orders.append([listed[at] for at in view.nearest(grams(("ann", "zzz")), 4)])
    assert len(orders[0]) == 4
    assert orders[0] == orders[1] == orders[2]


@given(
    listed=st.lists(names, min_size=1, max_size=15, unique=True),
    others=st.lists(names, max_size=15),
    query=names,
    data=st.data(),
)
def test_names_of_other_versions_make_no_difference(
    listed: list[Tokens], others: list[Tokens], query: Tokens, data: st.DataObject
) -> None:
    alone = view_of(index_of(listed), list(range(len(listed))))
    mixed = data.draw(st.permutations(list(dict.fromkeys([*others, *listed]))))
    index = index_of(mixed)
    detour = view_of(index, [at for at in range(len(mixed)) if data.draw(st.booleans())])
    index.add("later", grams(query))
    present = np.array([tokens in listed for tokens in [*mixed, ()]])
    shared = detour.changed(present)
    assert len(shared) == len(alone) == len(listed)
    for gram in grams(query):
        assert shared.frequency(gram) == alone.frequency(gram)
    limit = data.draw(st.integers(1, 6))
    nearest = [mixed[at] for at in shared.nearest(grams(query), limit)]
    assert nearest == [listed[at] for at in alone.nearest(grams(query), limit)]
