"""A re-enacted alert in words: what it said, which revisions come out the same, by which versions."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from sluicegate.cli.alert_text import QUIET, clean, decode, text
from sluicegate.cli.reenact import CHAIN, Compared
from sluicegate.wire.canonical import canonical

__all__ = ["lines"]

_SHOWN = 12
"""Differences of one revision that are told."""
_WIDTH = 70
"""Characters of a value that are shown."""
_COLOURS = {"equal": "bold green", "chain": "bold yellow"}
_WORDS = {
    "equal": "equal",
    "chain": "equal, but its place in the chain is another: an earlier alert of the tenant comes out otherwise",
    "differs": "differs",
    "missing": "missing: the log does not give it",
    "unknown": "was not among those given, and the log gives it",
}


def lines(id: str, value: bytes, compared: Sequence[Compared]) -> Iterator[Text]:
    """`value`: the last revision as it was said."""
    view = decode(value)
    yield Text(id, "bold")
    if view is not None:
        yield text(view)
    for one in compared:
        line = Text(f"  revision {one.revision}  ", QUIET)
        yield line.append(_WORDS[one.outcome], _COLOURS.get(one.outcome, "bold red"))
        shown = [d for d in one.differences if one.outcome == "chain" or d.path not in CHAIN]
        for difference in shown[:_SHOWN]:
            yield Text(f"    {clean(difference.path)}  {_short(difference.then)} -> {_short(difference.now)}")
        if len(shown) > _SHOWN:
            yield Text(f"    … and {len(shown) - _SHOWN} more", QUIET)
    yield from _versions(compared)


def _versions(compared: Sequence[Compared]) -> Iterator[Text]:
    """Each version once, then and now; of a missing revision only the ruleset of now is known."""
    told: dict[str, Text] = {}
    for one in compared:
        for name in ("ruleset", "models", "lists", "policy"):
            then, now = one.then.get(name), one.now.get(name)
            if one.outcome == "unknown" or (one.outcome == "missing" and name != "ruleset"):
                continue
            line = f"  {name.ljust(8)}{_version(then)}" + ("" if then == now else f" then, {_version(now)} now")
            if name == "ruleset" and then != now:
                line += ": a difference may come from it"
            told.setdefault(line, Text(line, QUIET if then == now else ""))
    yield from told.values()


def _version(value: Any) -> str:
    """
    >>> _version("1.0.0"), _version({"ofac-sdn": "7"}), _version({}), _version(None)
    ('1.0.0', 'ofac-sdn 7', 'none', 'none')
    """
    if isinstance(value, dict):
        return ", ".join(f"{clean(name)} {clean(_plain(one))}" for name, one in sorted(value.items())) or "none"
    return "none" if value is None else clean(_plain(value))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()


def _short(value: str | None) -> str:
    if value is None:
        return "(nothing)"
    return clean(value if len(value) <= _WIDTH else f"{value[: _WIDTH - 1]}…")
