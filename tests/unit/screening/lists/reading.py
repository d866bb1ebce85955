"""The made-up files of each list, and reading them with its loader."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sluicegate.screening.lists.base import Fault, ListSource
from sluicegate.wire.events import ListEntry

_SAMPLES = Path(__file__).parent / "samples"


def sample(source: ListSource, form: int = 0) -> dict[str, bytes]:
    """Content of the sample files of a form, by file name."""
    return {file.name: (_SAMPLES / source.name / file.name).read_bytes() for file in source.forms[form].files}


def read(source: ListSource, files: Mapping[str, bytes], form: int = 0, size: int = 1 << 16) -> list[ListEntry | Fault]:
    """What the loader makes of the files when they come in chunks of `size` bytes."""
    return list(source.forms[form].parse({name: _chunks(data, size) for name, data in files.items()}))


def _chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def entries_of(found: list[ListEntry | Fault]) -> dict[str, ListEntry]:
    """The entries by id; no fault may be among them."""
    assert not [part for part in found if isinstance(part, Fault)]
    return {part.entry_id: part for part in found if isinstance(part, ListEntry)}


def faults_of(found: list[ListEntry | Fault]) -> list[tuple[str, str, str]]:
    """Place, field and reason of every fault."""
    return [(part.where, part.field, part.reason) for part in found if isinstance(part, Fault)]
