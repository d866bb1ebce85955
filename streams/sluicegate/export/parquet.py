"""Alerts as a Parquet file: typed columns, sums as exact decimals; needs the extra `parquet`."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sluicegate.export.rows import Column
from sluicegate.wire.scalars import EPOCH, parse_time

__all__ = ["available", "write_parquet"]

_GROUP = 5_000
"""Rows that are in memory at once, and of one row group."""
_DIGITS, _SCALE = 38, 18
"""Of sums: what 128 bits hold; amounts have at most 18 digits after the point."""


def available() -> bool:
    """Whether the extra is installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return False
    return True


def write_parquet(rows: Iterable[list[Any]], columns: Sequence[Column], path: Path) -> int:
    """The number of rows. The file appears when all is written, and else not at all. Raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(column.name, _type(pa, column)) for column in columns])
    beside = path.resolve().with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
            group: list[list[Any]] = []
            for values in rows:
                group.append([_value(value, column) for value, column in zip(values, columns, strict=True)])
                count += 1
                if len(group) == _GROUP:
                    writer.write_table(_table(pa, group, schema))
                    group = []
            writer.write_table(_table(pa, group, schema))
        beside.replace(path.resolve())
    finally:
        beside.unlink(missing_ok=True)
    return count


def _table(pa: Any, group: list[list[Any]], schema: Any) -> Any:
    arrays = [pa.array([values[at] for values in group], field.type) for at, field in enumerate(schema)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _type(pa: Any, column: Column) -> Any:
    sums = [("value", pa.string()), ("amount", pa.decimal128(_DIGITS, _SCALE)), ("currency", pa.string())]
    return {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        "money": pa.list_(pa.struct([*sums, ("count", pa.int64())])),
    }[column.kind]


def _value(value: Any, column: Column) -> Any:
    if value is None:
        return None
    if column.kind == "time":
        return _time(value)
    if column.kind == "money":
        return [
            {"value": one["value"], "amount": _amount(one["value"]), "currency": one["currency"], "count": one["count"]}
            for one in value
        ]
    return value


def _time(text: str) -> datetime | None:
    us = parse_time(text)
    return None if us is None else (EPOCH + timedelta(microseconds=us)).astimezone(UTC)


def _amount(text: str) -> Decimal | None:
    """The sum as a decimal; None where 128 bits do not hold it (`value` has it in any case)."""
    amount = Decimal(text)
    return amount if amount.adjusted() < _DIGITS - _SCALE else None
