"""The records of an ACH file, 94 characters each, however the file ends its lines.

Lines may end in LF, CRLF or not at all (blocks of ten records, 940 bytes); blanks that an editor cut off come back.
Characters outside ASCII, which the standard does not know, are UTF-8 or else ISO 8859-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

__all__ = ["LENGTH", "Record", "records", "words"]

LENGTH = 94
_CHUNK = LENGTH * 640
"""Bytes of a line that are read at once: as many records as a line without end gives at a time."""
_NOTHING = b" \t\r\n\0\x1a"


class Record(NamedTuple):
    """`line` counts from 1, in a file without line ends the records; a `text` longer than 94 is a fault."""

    line: int
    text: str


def records(source: BinaryIO) -> Iterator[Record]:
    """All records but empty lines, in constant memory.

    >>> from io import BytesIO
    >>> [(line, text.rstrip(), len(text)) for line, text in records(BytesIO(b"101 x\\r\\n\\r\\n9000001\\n"))]
    [(1, '101 x', 94), (3, '9000001', 94)]
    >>> [line for line, _ in records(BytesIO(b"1" * 94 + b"5" * 94 + b"6" * 94))]
    [1, 2, 3]
    """
    number = 0
    while chunk := source.readline(_CHUNK):
        line = chunk.rstrip(_NOTHING)
        if number == 0:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) <= LENGTH or len(chunk) < 2 * LENGTH:
            number += 1
            if line:
                yield Record(number, _text(line))
            continue
        for start in range(0, len(chunk.rstrip(b"\r\n")), LENGTH):
            number += 1
            if piece := chunk[start : start + LENGTH].rstrip(_NOTHING):
                yield Record(number, _text(piece))


def words(field: str) -> str:
    """A field as text: without the blanks that fill it, its words one blank apart.

    >>> words("ANNA   MARIA          "), words("JOS\\xc3\\x89 ")
    ('ANNA MARIA', 'JOSÉ')
    """
    if not field.isascii():
        with suppress(UnicodeError):
            field = field.encode("latin-1").decode()
    return " ".join(field.split())


def _text(line: bytes) -> str:
    if line.isascii():
        return line.decode("ascii").ljust(LENGTH)
    if len(line) > LENGTH:
        try:
            return line.decode().ljust(LENGTH)
        except UnicodeDecodeError:
            pass
    return line.decode("latin-1").ljust(LENGTH)
