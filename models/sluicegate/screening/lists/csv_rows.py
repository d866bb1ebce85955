"""Reads the rows of a CSV file that comes in chunks of bytes, and notices where it was cut off."""

import codecs
import csv
from collections.abc import Iterable, Iterator

from sluicegate.screening.lists.base import ListRefused

_MAX_LINE = 1 << 20  # characters; the longest line of a published list has some 20,000


def rows(
    name: str,
    chunks: Iterable[bytes],
    encoding: str = "utf-8-sig",
    *,
    delimiter: str = ",",
    end: str = "",
    end_needed: bool = True,
    strict: bool = True,
) -> Iterator[tuple[int, list[str]]]:
    r"""Line number (from 1) at which a row starts, and its fields; blank lines are left out.

    name: file name for messages; end: a last line that closes the file (OFAC: `\x1a`); where it is not needed, the
    last row needs its line feed instead; strict: False lets stray quotes pass. Memory is that of the largest row.
    Raises ListRefused for an empty file, one in another encoding, a quote that is never closed, a last row with fewer
    fields than the first, a line over 1 MiB, a missing `end`.

    >>> list(rows("l.csv", [b'id,na', b'me\r\n1,"A, ', b'B\nC"\r\n', b'2,D']))
    [(1, ['id', 'name']), (2, ['1', 'A, B\nC']), (4, ['2', 'D'])]
    >>> list(rows("l.csv", [b'1,"A, B']))
    Traceback (most recent call last):
    sluicegate.screening.lists.base.ListRefused: l.csv:1: not readable as CSV or cut off (unexpected end of data)
    """
    open_ended = False

    def lines() -> Iterator[str]:
        nonlocal open_ended
        for text in _lines(name, chunks, encoding):
            open_ended = not text.endswith("\n")
            yield text

    reader = csv.reader(lines(), delimiter=delimiter, strict=strict)
    line, last_line = 1, 1
    first, last = 0, 0  # fields of the first and of the last row
    ended = False
    try:
        for row in reader:
            if row and ended:
                raise ListRefused(f"{name}:{line}: there is something after the end mark")
            if row:
                ended = bool(end) and row == [end]
                if not ended:
                    first, last, last_line = first or len(row), len(row), line
                    yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise ListRefused(f"{name}:{line}: not readable as CSV or cut off ({error})") from None
    if not first:
        raise ListRefused(f"{name}: the file is empty")
    if end and not ended and (end_needed or open_ended):
        raise ListRefused(f"{name}:{line}: the file is cut off (its end mark {end!r} is missing)")
    if not ended and last < first:
        raise ListRefused(f"{name}:{last_line}: the file is cut off (its last row has {last} of {first} fields)")


def _lines(name: str, chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    pending, line = "", 1
    for chunk in _then_none(chunks):
        try:
            text = decoder.decode(chunk) if chunk is not None else decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise ListRefused(f"{name}:{line} or later: not in {encoding} ({error.reason})") from None
        *whole, pending = (pending + text).split("\n")
        for each in whole:
            line += 1
            yield each + "\n"
        if len(pending) > _MAX_LINE:
            raise ListRefused(f"{name}:{line}: longer than {_MAX_LINE} characters, so this is no list in CSV")
    if pending:
        yield pending


def _then_none(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None
