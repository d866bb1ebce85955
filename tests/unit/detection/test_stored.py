"""What state records are stored as, beside a file to read: a worker goes on from what an earlier version wrote.

Kinds are part of the keys, fields are stored by their place, and a field that an older record lacks takes its default.
A change that is meant: `python -m tests.unit.detection.test_stored` writes the file anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from sluicegate.detection import codec
from sluicegate.detection.records import Record

STORED = Path(__file__).parent / "stored.yaml"


def stored() -> dict[str, list[str]]:
    """Struct -> what it is stored as (records only), and its fields in order with their defaults."""
    structs = {
        cls.__name__: cls
        for module in codec._MODULES
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, msgspec.Struct)
    }
    return {name: [*_record(cls), *map(_field, msgspec.structs.fields(cls))] for name, cls in sorted(structs.items())}


def _record(cls: type[msgspec.Struct]) -> list[str]:
    if not issubclass(cls, Record):
        return []
    return [f"kind {cls.KIND!r}, version {cls.VERSION}" + (", kept decoded" if cls.HOT else "")]


def _field(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return f"{field.name} = {field.default!r}"
    if field.default_factory is not msgspec.NODEFAULT:
        return f"{field.name} = {field.default_factory()!r}"
    return field.name


def test_records_are_stored_as_in_the_file() -> None:
    assert stored() == yaml.safe_load(STORED.read_text())


if __name__ == "__main__":
    STORED.write_text(yaml.safe_dump(stored(), sort_keys=False, width=118))
