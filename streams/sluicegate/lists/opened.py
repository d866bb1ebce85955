"""Files of a list on this machine as chunks of bytes, plain or gzipped."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from sluicegate.screening.lists.base import Files, ListRefused

__all__ = ["Advance", "head_of", "opened", "plain_name"]

Advance = Callable[[int], None]
"""Told how many bytes of the files, as they lie on disk, were read."""

_CHUNK = 1 << 18
_LIMIT = 4 << 30
"""Bytes of a file once unpacked: the largest published list has under 3 GB; a bomb has more."""


def plain_name(path: Path) -> str:
    """Name of a file as publishers' file names are compared: lower case, without `.gz`.

    >>> plain_name(Path("lists/SDN_ADVANCED.XML.gz"))
    'sdn_advanced.xml'
    """
    return path.name.lower().removesuffix(".gz")


@contextmanager
def opened(paths: Mapping[str, Path], advance: Advance = lambda _: None) -> Iterator[Files]:
    """Local name -> content, for one reading; closed at the end of the block. Raises OSError.

    Reading raises ListRefused where gzip is damaged or cut off, and over 4 GiB.
    """
    with ExitStack() as stack:
        files = {name: stack.enter_context(path.open("rb")) for name, path in paths.items()}
        yield {name: _chunks(paths[name].name, file, advance) for name, file in files.items()}


def head_of(path: Path, size: int) -> bytes:
    """The first `size` bytes, unpacked; fewer where the file is shorter. Raises OSError, ListRefused."""
    with opened({"": path}) as files:
        held = b""
        for chunk in files[""]:
            held += chunk
            if len(held) >= size:
                break
        return held[:size]


def _chunks(name: str, raw: BinaryIO, advance: Advance) -> Iterator[bytes]:
    zipped = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    file = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else raw
    read = seen = 0
    try:
        while chunk := file.read(_CHUNK):
            read += len(chunk)
            if read > _LIMIT:
                raise ListRefused(f"{name}: more than {_LIMIT >> 30} GiB once unpacked")
            at = raw.tell()
            advance(at - seen)
            seen = at
            yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ListRefused(f"{name}: gzip is damaged or cut off ({error})") from None
