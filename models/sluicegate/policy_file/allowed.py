"""What a rule's parameter may be, in words: from the same annotations that refuse what it may not be."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec import inspect

from sluicegate.rules.registry import RULES

__all__ = ["allowed", "is_optional"]


def allowed(slug: str, name: str) -> str:
    """What the parameter takes.

    >>> allowed("pay-spike", "min_history"), allowed("pay-spike", "cohort_share")
    ('a whole number from 1 to 100000', 'a number from 0 to 1')
    >>> allowed("pay-spike", "min_difference"), allowed("unusual-payment", "run_cap")
    ('a decimal as text, such as "250"', 'a whole number from 1 to 100000, or "" for none')
    >>> allowed("sanctioned-country", "countries")
    'an array, each a country of two capital letters (ISO 3166-1)'
    """
    return _words(_kinds(slug)[name], getattr(RULES[slug].params(), name))


def is_optional(slug: str, name: str) -> bool:
    """Whether the parameter may be without a value, which a file says by an empty text."""
    kind = _kinds(slug).get(name)
    return isinstance(kind, inspect.UnionType) and kind.includes_none


@cache
def _kinds(slug: str) -> dict[str, inspect.Type]:
    kind = inspect.type_info(RULES[slug].params)
    assert isinstance(kind, inspect.StructType)
    return {field.encode_name: _plain(field.type) for field in kind.fields}


def _words(kind: inspect.Type, default: Any) -> str:
    hint = (kind.extra or {}).get("expected") if isinstance(kind, inspect.Metadata) else None
    if hint is not None:
        return str(hint)
    match _plain(kind):
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number from {low:g} to {high:g}"
        case inspect.StrType(pattern=None, max_length=most):
            return f"text of at most {most} characters"
        case inspect.StrType():
            return f'a decimal as text, such as "{default if isinstance(default, str) else 1000}"'
        case inspect.VarTupleType(item_type=item):
            return f"an array, each {_words(item, None)}"
        case inspect.UnionType(types=kinds):
            (value,) = (one for one in kinds if not isinstance(_plain(one), inspect.NoneType))
            return f'{_words(value, default)}, or "" for none'
        case other:
            raise TypeError(f"no words for {type(other).__name__}")


def _plain(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind
