"""The XML reader: elements as they end, and what it refuses."""

import tracemalloc
from collections.abc import Iterator

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.xml import Node, elements

LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<list xmlns:x="urn:x">
  <party id="1" x:kind="p"><name> ANN
    EXAMPLE </name><alias><name>Anna</name></alias><alias><name>Annie</name></alias></party>
  <other><party id="2"><party id="3"/></party></other>
</list>
"""


def read(data: bytes, *tags: str, size: int = 7, **rules: object) -> list[Node]:
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return list(elements("l.xml", chunks, *tags, **rules))  # type: ignore[arg-type]


def test_elements_have_attributes_texts_and_lines() -> None:
    first, second = read(LIST, "party")
    assert (first.line, first.get("id"), first.get("kind"), first.get("none", "-")) == (3, "1", "p", "-")
    assert first.value("name") == "ANN EXAMPLE"
    assert [node.text for node in first.all("alias/name")] == ["Anna", "Annie"]
    assert first.first("alias/none") is None
    assert first.value("none") == ""
    assert [child.tag for child in first] == ["name", "alias", "alias"]
    assert [child.get("id") for child in second] == ["3"]  # the outermost of nested ones


@pytest.mark.parametrize("size", [1, 2, 3, 64, 1 << 20])
def test_chunk_sizes_change_nothing(size: int) -> None:
    assert [(node.tag, node.line) for node in read(LIST, "party", "name", size=size)] == [("party", 3), ("party", 5)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "l.xml: the file is empty"),
        (b"\n", "l.xml:2: this is not well-formed XML"),
        (LIST[:120], "l.xml:4: the file is cut off"),
        (b"<list>\n<party></list>", "l.xml:2: this is not well-formed XML"),
        (b"<html/>", "l.xml:1: the outermost element is html, not list"),
        (b'<list xmlns="urn:new"/>', "l.xml:1: the namespace is urn:new; known: none, urn:old"),
        (b'<!DOCTYPE list [<!ENTITY a "b">]><list>&a;</list>', "document type declaration"),
        (b'<?xml version="1.0" encoding="klingon"?><list/>', "l.xml:1: this is not well-formed XML"),
        (b"<list>" + b"<a>" * 100, "nested deeper than 64"),
        (b"\xff\xfe\x00\x01random", "l.xml:1: this is not well-formed XML"),
    ],
)
def test_file_that_is_no_list_is_refused_by_name(data: bytes, says: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read(data, "party", root="list", namespaces=("", "urn:old"))
    assert says in str(refused.value)


def test_namespace_is_ignored_where_none_is_asked_for() -> None:
    assert [node.get("id") for node in read(b'<l xmlns="urn:any"><p id="7"/></l>', "p")] == ["7"]


def test_memory_does_not_grow_with_the_file() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"<list>"
        for number in range(20_000):
            yield b'<party id="%d"><name>%s</name></party>' % (number, b"x" * 200)
        yield b"</list>"

    tracemalloc.start()
    count = sum(1 for _ in elements("l.xml", chunks(), "party"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000  # bytes; the file has five million
