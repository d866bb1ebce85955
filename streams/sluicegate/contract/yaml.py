"""JSON values as YAML, for people to read: a subset that every YAML 1.1 and 1.2 reader takes for the same values."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["to_yaml"]

_PLAIN = re.compile(r"[A-Za-z][-A-Za-z0-9_./]*( [-A-Za-z0-9_./(),;+]+)*")
"""Text that means itself without quotes, but for the words below."""
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def to_yaml(value: Any) -> str:
    r"""Mappings keep their order; text that could be anything else stands in double quotes.

    >>> print(to_yaml({"a": [1, {"b": "on", "c": "Ann's"}], "d": {}, "e": "plain text", "f": "2026-06-11"}), end="")
    a:
      - 1
      - b: "on"
        c: "Ann's"
    d: {}
    e: plain text
    f: "2026-06-11"
    """
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _member(f"{_scalar(key)}:", inner)
    elif isinstance(value, list | tuple) and value:
        for inner in value:
            first, *rest = _lines(inner)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _member(head: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield head
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
