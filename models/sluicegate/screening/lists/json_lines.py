"""JSON Lines in chunks: one value a line, read in constant memory."""

from collections.abc import Iterable, Iterator

import msgspec

from sluicegate.screening.lists.base import ListRefused

LONGEST = 1 << 24
"""Bytes of the longest line: one without an end would fill the memory."""
_BOM = b"\xef\xbb\xbf"


def json_lines(name: str, chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    r"""Line number (from 1) and text of every line that is not blank; the last one may lack its line feed.

    Raises ListRefused where a line passes `LONGEST`, and where the last line shows that the file was cut off: it has no
    line feed and is no JSON. A file cut exactly between two lines cannot be told from a shorter one here.

    >>> list(json_lines("a.jsonl", [b'{"a"', b': 1}\n\n[2]']))
    [(1, b'{"a": 1}'), (3, b'[2]')]
    """
    number, rest = 0, b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if text := _text(number, line):
                yield number, text
        if len(rest) > LONGEST:
            raise ListRefused(f"{name}:{number + 1}: longer than {LONGEST} bytes: this is no file of JSON Lines")
    number += 1
    if last := _text(number, rest):
        if not _is_json(last):
            raise ListRefused(f"{name}:{number}: cut off in the last line")
        yield number, last


def _text(number: int, line: bytes) -> bytes:
    return (line.removeprefix(_BOM) if number == 1 else line).strip()


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
