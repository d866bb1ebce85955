"""Files that a command writes: complete under their name, or not there at all; `-` is standard output."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

import click

__all__ = ["STANDARD", "FileError", "Write", "check_distinct", "write_lines"]

Write = Callable[[bytes], None]

STANDARD = Path("-")
"""Standard input or output, where a file is named."""


class FileError(click.ClickException):
    """A file cannot be read or written: exit status 2, as for any unusable argument."""

    exit_code = 2

    def __init__(self, doing: str, path: Path, why: Exception | str) -> None:
        super().__init__(f"cannot {doing} {path}: {getattr(why, 'strerror', None) or why}")


def check_distinct(inputs: Iterable[Path], outputs: Sequence[Path]) -> None:
    """Raise UsageError where an output would overwrite an input or another output; devices may be named twice."""
    taken = {path.resolve() for path in inputs if path != STANDARD}
    for path in outputs:
        if path == STANDARD:
            continue
        place = path.resolve()
        if place in taken and (path.is_file() or not path.exists()):
            raise click.UsageError(f"{path} is named twice: it would be overwritten")
        taken.add(place)


@contextmanager
def write_lines(path: Path) -> Iterator[Write]:
    """Gives a function that writes one line. The file appears when the block ends well, and else not at all.

    Devices, pipes and standard output are written as it goes. Raises FileError where the file cannot be written.
    """
    if path == STANDARD:
        yield _print_line
        sys.stdout.flush()
        return
    with _named(path):
        special = (
            path.exists() and not path.is_file()
        )  # asked of the name: /dev/fd/63 resolves to nothing that is there
        target = path.resolve()  # a link is written through
        file = path.open("wb") if special else _beside(target)
    try:

        def line(content: bytes) -> None:
            with_end = content + b"\n"
            try:
                file.write(with_end)
            except OSError as error:
                raise FileError("write", path, error) from None

        yield line
        with _named(path):
            file.close()
            if not special:
                Path(file.name).chmod(0o666 & ~_umask())
                Path(file.name).replace(target)
    except BaseException:
        with suppress(OSError):
            file.close()
        if not special:
            Path(file.name).unlink(missing_ok=True)
        raise


def _print_line(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError("write", path, error) from None


def _beside(target: Path) -> BinaryIO:
    """A new file in the target's folder, to take its name at the end."""
    return cast("BinaryIO", NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
