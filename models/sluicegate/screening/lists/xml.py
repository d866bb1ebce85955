"""Reads the elements of an XML file one after the other, whatever its size, and refuses what no list should hold."""

from collections.abc import Collection, Iterable, Iterator
from xml.parsers import expat

from sluicegate.screening.lists.base import ListRefused

_PIECE = 1 << 16  # what is parsed at once, so that a file given as one chunk is not a tree all at once
_MAX_DEPTH = 64  # the deepest published list has 12 levels


class Node:
    """An element of the file: local names only, white space in texts collapsed.

    tag: local name; attributes: by local name; line: where it starts, from 1; text: its own text, without that of
    its children; iterating gives the children.
    """

    __slots__ = ("_parts", "attributes", "children", "line", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag, self.attributes, self.line = tag, attributes, line
        self.children: list[Node] = []
        self._parts: list[str] = []

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.children)

    @property
    def text(self) -> str:
        return " ".join("".join(self._parts).split())

    def get(self, attribute: str, default: str = "") -> str:
        """Value of an attribute."""
        return self.attributes.get(attribute, default)

    def all(self, path: str) -> Iterator["Node"]:
        """Descendants along a path of local names such as `INDIVIDUAL_ALIAS/ALIAS_NAME`, in file order."""
        head, _, rest = path.partition("/")
        for child in self.children:
            if child.tag == head:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def first(self, path: str) -> "Node | None":
        """The first of `all`."""
        return next(self.all(path), None)

    def value(self, path: str) -> str:
        """Text of the first element along the path, empty where there is none."""
        found = self.first(path)
        return found.text if found else ""

    def add_text(self, text: str) -> None:
        """Appends a piece of text (the reader does)."""
        self._parts.append(text)


def elements(
    name: str, chunks: Iterable[bytes], *tags: str, root: str = "", namespaces: Collection[str] | None = None
) -> Iterator[Node]:
    """Elements with one of the local names, in file order, each when it has ended; of nested ones the outermost.

    name: file name for messages; root: local name that the outermost element must have; namespaces: those that it may
    be in ("" is none; None allows any; that of the elements below is ignored). Memory is that of the largest element.
    Raises ListRefused for an empty file, a cut one, one that is not XML, one with a DTD, another root or namespace.

    >>> xml = b'<l xmlns="urn:x"><p id="7"><n> A  B </n></p><p/></l>'
    >>> [(p.tag, p.get("id"), p.value("n"), p.line) for p in elements("l.xml", [xml], "p", root="l")]
    [('p', '7', 'A B', 1), ('p', '', '', 1)]
    """
    reader = _Reader(name, frozenset(tags), root, namespaces)
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            reader.feed(chunk[start : start + _PIECE])
            yield from reader.take()
    reader.close()
    yield from reader.take()


class _Reader:
    def __init__(self, name: str, tags: frozenset[str], root: str, namespaces: Collection[str] | None) -> None:
        self._name, self._tags, self._root, self._namespaces = name, tags, root, namespaces
        self._depth = 0
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._empty = True
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, data: bytes) -> None:
        self._empty = self._empty and not data
        self._parse(data, last=False)

    def close(self) -> None:
        if self._empty:
            raise ListRefused(f"{self._name}: the file is empty")
        self._parse(b"", last=True)

    def take(self) -> list[Node]:
        done, self._done = self._done, []
        return done

    def _parse(self, data: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(data, last)
        except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an encoding nobody knows
            cut = last and self._depth > 0
            what = "the file is cut off" if cut else "this is not well-formed XML"
            raise self._refusal(f"{what} ({error})") from None

    def _refusal(self, reason: str) -> ListRefused:
        return ListRefused(f"{self._name}:{self._parser.CurrentLineNumber}: {reason}")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, local = tag.rpartition(" ")
        if self._depth == 0:
            self._check_root(namespace, local)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._refusal(f"elements are nested deeper than {_MAX_DEPTH}")
        if self._open or local in self._tags:
            plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            node = Node(local, plain, self._parser.CurrentLineNumber)
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self._done.append(node)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].add_text(text)

    def _check_root(self, namespace: str, local: str) -> None:
        if self._root and local != self._root:
            raise self._refusal(f"the outermost element is {_short(local)}, not {self._root}")
        if self._namespaces is not None and namespace not in self._namespaces:
            known = ", ".join(space or "none" for space in self._namespaces)
            raise self._refusal(f"the namespace is {_short(namespace) or 'none'}; known: {known}")

    def _doctype(self, *_: object) -> None:
        raise self._refusal("the file has a document type declaration, which no list has")


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:120]}…"
