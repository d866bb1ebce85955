"""Keys that a policy does not know: the wire ignores them, but in a file that is written by hand they are typos."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

from sluicegate.policy_file.lines import Path
from sluicegate.rules.registry import RULES
from sluicegate.wire.events import PolicyUpdate

__all__ = ["known_rules", "names", "suggestion", "unknown_keys"]

_UPDATE = inspect.type_info(PolicyUpdate)
_TENANT = "tenant"


def names(slug: str) -> tuple[str, ...]:
    """Parameters of a rule."""
    return RULES[slug].params.__struct_fields__


def unknown_keys(values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every key, at any depth, that nothing of the policy is called by; what parameters there are is not looked at."""
    yield from _unknown(values, _UPDATE, ())


def known_rules(values: dict[str, Any]) -> dict[str, Any]:
    """The values without rules that do not exist."""
    rules = values.get("rules")
    if not isinstance(rules, dict):
        return values
    return values | {"rules": {slug: setting for slug, setting in rules.items() if slug in RULES}}


def suggestion(name: str, known: Collection[str], *, listed: bool = True) -> str:
    """What is near, else, where wanted, what there is.

    >>> suggestion("limit", ["limits", "roster"]), suggestion("x", ["limits"])
    ('; did you mean limits?', '; known are: limits')
    """
    near = get_close_matches(name, known, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are: {', '.join(known) or 'none'}" if listed else ""


def _unknown(value: Any, kind: inspect.Type, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    if path == ("rules",) and isinstance(value, dict):
        yield from _rules(value)
    elif isinstance(kind, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        for key, one in value.items():
            if key in fields:
                yield from _unknown(one, fields[key], (*path, key))
            else:
                yield (*path, key), "unknown key" + suggestion(key, [*fields, *([] if path else [_TENANT])])
    elif isinstance(kind, inspect.VarTupleType) and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _unknown(one, kind.item_type, (*path, number))


def _rules(rules: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for slug, setting in rules.items():
        path = ("rules", slug)
        if slug not in RULES:
            yield (
                path,
                "unknown rule" + (suggestion(slug, RULES, listed=False) or "; `sluicegate rules list` shows all"),
            )
        elif isinstance(setting, dict):
            for key in setting:
                if key in names(slug):
                    yield (*path, key), f"is a parameter: it belongs under [rules.{slug}.params]"
                elif key not in ("mode", "params"):
                    yield (*path, key), "unknown key" + suggestion(key, ("mode", "params"))
