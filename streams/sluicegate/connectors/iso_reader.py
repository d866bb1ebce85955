"""Streams an ISO 20022 message: elements to small records, in constant memory, whatever prefixes and versions it uses.

A layout names the elements that matter, one path a line, below the message's own element; all others are skipped:

    PmtId/EndToEndId        text of an element; of several only the first counts
    Amt/InstdAmt@Ccy        and of an attribute, under the key `Amt/InstdAmt@Ccy`
    RmtInf/Ustrd*           texts of an element that repeats: a list
    Strd*/CdtrRefInf/Ref    an element that repeats and holds others: a list of records, with keys relative to it
    Amt/InstdAmt!           its line is remembered, to name it when it is malformed
    PmtInf+/PmtInfId        a record of its own, handed over when it begins and ends, and then let go
    GrpHdr^/MsgId           the same of an element that stands once: its XPath has no number

Namespaces are not looked at: banks and countries have their own for the same elements. Envelopes around the message
(business application headers, a bank's wrapper) are passed through, and a file may hold several messages.

The parser is expat. A document type declaration ends it at once, and without one there are no entities to expand nor
external ones to fetch (the attacks that https://docs.python.org/3/library/xml.html#xml-security lists); depth, length
of a text, repeats within a transaction and length of a single tag or comment have bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from xml.parsers import expat

from sluicegate.errors import FileRefusedError

__all__ = ["Hooks", "Layout", "Record", "refused", "stream"]

CHUNK = 1 << 18
DEEPEST = 100
LONGEST_TEXT = 4096
"""Characters of a text that count; the longest of the standard that is read has 2,048."""
LONGEST_TOKEN = 1 << 22
"""Bytes of a tag or comment, which the parser holds as a whole."""
MOST_REPEATS = 1000
"""Repeated elements of one transaction; further ones are not read."""
_MOST_NAMES = 64
_MOST_SIBLINGS = 1000

_PASS, _LEAF, _MANY, _GROUP, _HANDED, _SKIPPED, _OUTSIDE = range(7)
_TEXTS = (_LEAF, _MANY)


class Record(dict[str, Any]):
    """Texts by path; where it began, its number among its like, and the lines of what is marked in the layout."""

    __slots__ = ("index", "line", "lines", "path")

    def __init__(self, path: str, index: int, line: int) -> None:
        self.path = path
        """XPath of the element."""
        self.index = index
        self.line = line
        self.lines: dict[str, int] = {}


class _Node(dict[str, "_Node"]):
    """An element of the layout; asked for a child by its name in the file, with whatever prefix, gives the child."""

    __slots__ = ("attribute", "key", "kind", "known", "marked", "name", "numbered", "within")

    def __init__(self, name: str, kind: int, within: str, numbered: bool = False) -> None:
        self.name = name
        self.kind = kind
        self.key = within + name
        self.within = "" if kind in (_GROUP, _HANDED) else f"{self.key}/"
        self.known: dict[str, _Node] = {}
        self.attribute: str | None = None
        self.marked = False
        self.numbered = numbered

    def __missing__(self, raw: str) -> _Node:
        node = self.known.get(raw.rpartition(":")[2], _SKIP)
        if len(self) < _MOST_NAMES:
            self[raw] = node
        return node


_SKIP = _Node("", _SKIPPED, "")


class Layout:
    """The elements of a message that matter.

    >>> layout = Layout("CstmrCdtTrfInitn", "GrpHdr^/MsgId PmtInf+/CdtTrfTxInf+/Amt/InstdAmt@Ccy!")
    >>> layout.message
    'CstmrCdtTrfInitn'
    """

    def __init__(self, message: str, paths: str) -> None:
        self.message = message
        self.top = _Node(message, _HANDED, "")
        for path in paths.split():
            self._add(path)

    def _add(self, path: str) -> None:
        marked, path = path.endswith("!"), path.rstrip("!")
        path, _, attribute = path.partition("@")
        node, names = self.top, path.split("/")
        for at, name in enumerate(names):
            last = at == len(names) - 1
            kind = _HANDED if name[-1] in "+^" else _PASS
            if last:
                kind = _MANY if name[-1] == "*" else _LEAF
            elif name[-1] == "*":
                kind = _GROUP
            bare = name.rstrip("*+^")
            node = node.known.setdefault(bare, _Node(bare, kind, node.within, name[-1] == "+"))
        node.marked = marked
        node.attribute = attribute or None


Hook = Callable[[Record], None]
Hooks = Mapping[str, tuple[Hook | None, Hook | None]]
"""Element -> what to call when it begins, and when it ends."""


def refused(line: int, why: str) -> FileRefusedError:
    """The error that ends the reading of a file; says what happened, where, and what to do."""
    return FileRefusedError(f"line {line}: {why}")


def stream(source: BinaryIO, layout: Layout, hooks: Hooks) -> Iterator[None]:
    """Parses the file, calling the hooks as their elements go by; yields after every chunk, so that what they gathered
    can be taken and let go.

    Raises FileRefusedError: no XML, cut off, with a document type declaration, over a bound, or without the message.
    """
    parser = expat.ParserCreate()
    reading = _Reading(parser, layout, hooks)
    reading.attach()
    fed, chunk = 0, b"-"
    while chunk:
        chunk = source.read(CHUNK)
        fed += len(chunk)
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            yield
            raise refused(error.lineno, _why(error)) from None
        except (LookupError, ValueError):  # what Python's own codecs say of an encoding they cannot map
            yield
            raise refused(parser.CurrentLineNumber, _ENCODING) from None
        except FileRefusedError:
            yield
            raise
        yield
        reading.trim()
        if fed - parser.CurrentByteIndex > LONGEST_TOKEN + CHUNK:
            raise refused(parser.CurrentLineNumber, f"a tag or comment of more than {LONGEST_TOKEN:,} bytes")
    if not reading.messages:
        raise refused(1, f"no {layout.message} in it, so this is another kind of message; import it as what it is")


_ENCODING = "its encoding is not known; ask the sender for UTF-8, UTF-16 or ISO-8859-1"
_CODES = expat.errors.codes
_CUT_OFF = {
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS],
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    _CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR],
}


def _why(error: expat.ExpatError) -> str:
    if error.code in _CUT_OFF:
        return "the file is cut off here; ask the sender for the whole file"
    if error.code == _CODES[expat.errors.XML_ERROR_UNKNOWN_ENCODING]:
        return _ENCODING
    return f"no well-formed XML from here on ({expat.ErrorString(error.code)}); ask the sender for a sound file"


class _Reading:
    """The handlers of one parse. `attach` makes them as closures: they run some fifty times a transaction."""

    def __init__(self, parser: expat.XMLParserType, layout: Layout, hooks: Hooks) -> None:
        self.parser = parser
        self.layout = layout
        self.hooks = hooks
        self.messages = 0
        self.text: list[str] = []
        self.outer: list[tuple[str, dict[str, int]]] = [("", {})]
        """Of each element open around the message: its XPath, and how many children of a name it had."""

    def trim(self) -> None:
        """Lets go of a text's tail: of a text that spans chunks, no more is kept than is read."""
        if len(self.text) > 1:
            self.text[:] = ["".join(self.text)[:LONGEST_TEXT]]

    def attach(self) -> None:
        parser, text, hooks, top = self.parser, self.text, self.hooks, self.layout.top
        message = self.layout.message
        outside = _Node("", _OUTSIDE, "")
        node = outside
        open_nodes: list[_Node] = []
        record = Record("", 0, 0)
        open_records: list[Record] = []
        counts: list[dict[str, int]] = []
        repeats = 0

        def start(raw: str, attributes: dict[str, str]) -> None:
            nonlocal node, record, repeats
            open_nodes.append(node)
            if node is outside:
                if raw.rpartition(":")[2] != message:
                    self._enter(raw.rpartition(":")[2])
                    if len(open_nodes) > DEEPEST:
                        raise refused(parser.CurrentLineNumber, f"elements nest deeper than {DEEPEST}")
                    return
                self.messages += 1
                node = top
            else:
                node = node[raw]
            kind = node.kind
            if kind == _PASS:
                return
            if kind in _TEXTS:
                text.clear()
                if node.attribute is not None:
                    value = attributes.get(node.attribute)
                    if value is not None:
                        record.setdefault(f"{node.key}@{node.attribute}", value[:LONGEST_TEXT].strip())
                if node.marked:
                    record.lines.setdefault(node.key, parser.CurrentLineNumber)
            elif kind == _SKIPPED:
                if len(open_nodes) > DEEPEST:
                    raise refused(parser.CurrentLineNumber, f"elements nest deeper than {DEEPEST}")
            elif kind == _GROUP:
                open_records.append(record)
                record = Record("", 0, 0)
            else:
                open_records.append(record)
                name = node.name
                if node is top:
                    path, index = self._enter(name), self.messages
                    self.outer.pop()
                else:
                    index = counts[-1][name] = counts[-1].get(name, 0) + 1
                    path = f"{record.path}/{name}[{index}]" if node.numbered else f"{record.path}/{name}"
                counts.append({})
                record = Record(path, index, parser.CurrentLineNumber)
                repeats = 0
                begin = hooks[name][0] if name in hooks else None
                if begin is not None:
                    begin(record)

        def end(raw: str) -> None:
            nonlocal node, record, repeats
            kind = node.kind
            if kind == _LEAF:
                if text and node.key not in record:
                    value = (text[0] if len(text) == 1 else "".join(text))[:LONGEST_TEXT].strip()
                    if value:
                        record[node.key] = value
            elif kind == _MANY:
                value = "".join(text)[:LONGEST_TEXT].strip()
                repeats += 1
                if value and repeats <= MOST_REPEATS:
                    record.setdefault(node.key, []).append(value)
            elif kind == _GROUP:
                done, record = record, open_records.pop()
                repeats += 1
                if repeats <= MOST_REPEATS:
                    record.setdefault(node.key, []).append(done)
            elif kind == _HANDED:
                finish = hooks[node.name][1] if node.name in hooks else None
                if finish is not None:
                    finish(record)
                record = open_records.pop()
                counts.pop()
            elif kind == _OUTSIDE:
                self.outer.pop()
            node = open_nodes.pop()

        def forbid(*_: object) -> Any:
            raise refused(
                parser.CurrentLineNumber,
                "a document type declaration, which payment files have no use for and attacks need; do not import "
                "this file, and ask the sender where it comes from",
            )

        parser.buffer_text = True
        parser.buffer_size = 1 << 15
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text.append
        parser.StartDoctypeDeclHandler = forbid
        parser.EntityDeclHandler = forbid
        parser.ExternalEntityRefHandler = forbid

    def _enter(self, name: str) -> str:
        """Opens an element around the message, or the message itself; its XPath, numbered from its second like on."""
        path, children = self.outer[-1]
        if name in children or len(children) < _MOST_SIBLINGS:
            children[name] = children.get(name, 0) + 1
        number = children.get(name, 1)
        inner = f"{path}/{name[:100]}" + (f"[{number}]" if number > 1 else "")
        self.outer.append((inner, {}))
        return inner
