"""Places in TOML texts, in every form that TOML has for tables, keys and values."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.policy_file.lines import Path, lines_of
from sluicegate.policy_file.write import value_text

PLACES: list[tuple[str, Path, int]] = [
    ("a = 1", ("a",), 1),
    ("# x = 1\n\n  a = 1 # b = 2", ("a",), 3),
    ("a.b . c = 1", ("a", "b", "c"), 1),
    ('"a b".\'c"d\' = 1', ("a b", 'c"d'), 1),
    ('"\\u0061\\n" = 1', ("a\n",), 1),
    ("[a]\n\n[a.b]\nc = 1", ("a", "b", "c"), 4),
    ("[[a]]\nx = 1\n[[a]]\nx = 2", ("a", 1, "x"), 4),
    ("[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[a.b.c]\nx = 1", ("a", 1, "b", 0, "c", "x"), 6),
    ("[a]\n[[a.b]]\n[[a.b]]", ("a", "b", 1), 3),
    ("a = [\n  1, # ] 7\n\n  [2, 3],\n]\nb = 1", ("a", 1, 1), 4),
    ("a = [\n  1,\n]\nb = 1", ("b",), 4),
    ("a = { b = 1, c = { d = [1, 2] }, e.f = 2 }\ng = 1", ("a", "c", "d", 1), 1),
    ("a = { b = 1, c = { d = [1, 2] }, e.f = 2 }\ng = 1", ("g",), 2),
    ('a = "x = 1\\" # ]"\nb = 1', ("b",), 2),
    ("a = 'x\\'\nb = 1", ("b",), 2),
    ('a = """\nx = 1\n\\""" "" """""\nb = 1', ("b",), 4),
    ("a = '''\nx = 1\n'' '''''\nb = 1", ("b",), 4),
    ('a = ["""\n]""",\n 2]\nb = 1', ("a", 1), 3),
    ("a = 1979-05-27 07:32:00Z # b = 1\nb = 1", ("b",), 2),
    ("a = [1979-05-27, 2000-01-01]\r\nb = +1e5\r\n", ("b",), 2),
    ("a = []\nb = {}\nc = 1", ("c",), 3),
    ("[ a . 'b' ]\nc = 1", ("a", "b", "c"), 2),
]


@pytest.mark.parametrize(("text", "path", "line"), PLACES)
def test_place_of_a_value(text: str, path: Path, line: int) -> None:
    tomllib.loads(text)
    assert lines_of(text)[path] == line


def paths(value: Any, path: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in items for found in ((*path, key), *paths(one, (*path, key)))]


texts = st.text(st.characters(codec="utf-8"), max_size=12)
plain = st.integers(-(2**60), 2**60) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.dates()
values = st.recursive(
    plain | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_every_value_of_a_text_has_its_place_and_nothing_else_has(table: dict[str, Any]) -> None:
    lines = [f"{value_text(key)} = {value_text(value)}" for key, value in table.items()]
    text = "\n".join(lines)
    assert tomllib.loads(text) == table
    found = lines_of(text)
    assert sorted(map(repr, found)) == sorted(map(repr, paths(table)))
    for number, key in enumerate(table, 1):
        assert found[key,] == number
