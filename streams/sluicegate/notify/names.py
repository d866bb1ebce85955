"""An alert without personal data: names and labels are left out, and covered where a text repeats them.

What stays is what Kafka's other readers see of it in ids: payees, accounts as fingerprints, users, addresses. Names of
listed parties are public, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["bare"]

Cover = Callable[[Any], Any]

_COVER = "[name]"
_SEEN = frozenset({"name", "holder_name", "legal_name", "other_name", "aligned"})
"""What findings observe that is, or quotes, a name of a payee."""
_PUBLIC = frozenset({"list_entry", "account"})
"""Kinds of entities whose label is no person's name: that of a list, and a bank's."""
_TEXTS = frozenset({"title", "counterfactual", "report_hints"})


def bare(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event, its data without names.

    >>> data = {"title": "Pay of Ann Carter", "subject": {"kind": "payee", "id": "W1", "display": "Ann Carter"},
    ...         "entities": [{"kind": "user", "id": "u7", "label": "Bo Li"}], "reasons": [
    ...         {"rule": "r", "text": "As ANN CARTER", "observed": {"name": "ann carter", "n": 2}, "expected": {}}]}
    >>> bare({"data": data})["data"]  # doctest: +NORMALIZE_WHITESPACE
    {'title': 'Pay of [name]', 'subject': {'kind': 'payee', 'id': 'W1'}, 'entities': [{'kind': 'user', 'id': 'u7'}],
     'reasons': [{'rule': 'r', 'text': 'As [name]', 'observed': {'n': 2}, 'expected': {}}]}
    """
    data = event["data"]
    cover = _covering(_names(data))
    clean = {key: cover(value) if key in _TEXTS else value for key, value in data.items()}
    clean["subject"] = _without(data["subject"], "display")
    if "entities" in data:
        clean["entities"] = [one if one.get("kind") in _PUBLIC else _without(one, "label") for one in data["entities"]]
    clean["reasons"] = [_reason(one, cover) for one in data["reasons"]]
    return {**event, "data": clean}


def _reason(reason: Mapping[str, Any], cover: Cover) -> dict[str, Any]:
    seen = reason.get("observed") or {}
    quoted = str(seen.get("aligned") or "")
    text = str(reason.get("text", ""))
    return {
        **reason,
        "text": cover(text.replace(quoted, _COVER) if quoted else text),
        "observed": cover(_without(seen, *_SEEN)),
        "expected": cover(reason.get("expected") or {}),
    }


def _names(data: Mapping[str, Any]) -> set[str]:
    """Names to cover; not one that is a listed party's letter by letter, which stands there anyway."""
    names = {str(data["subject"].get("display") or "")}
    names |= {str(one.get("label") or "") for one in data.get("entities", ()) if one.get("kind") not in _PUBLIC}
    seen = [reason.get("observed") or {} for reason in data["reasons"]]
    names |= {str(one[key]) for one in seen for key in _SEEN - {"aligned"} if one.get(key)}
    listed = {str(one.get("listed_name", "")).casefold() for one in seen}
    return {name for name in names if name.casefold() not in listed}


def _covering(names: set[str]) -> Cover:
    """A function that covers the names, as words, in a JSON value."""
    found = sorted((re.escape(name.strip()) for name in names if name.strip()), key=len, reverse=True)
    if not found:
        return lambda value: value
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)

    def cover(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(_COVER, value)
        if isinstance(value, list):
            return [cover(one) for one in value]
        return {key: cover(one) for key, one in value.items()} if isinstance(value, dict) else value

    return cover


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}
