"""An explained screening in words, for a terminal."""

from collections.abc import Iterator

import click

from sluicegate.cli.alert_text import clean
from sluicegate.cli.screen_explain import Explanation, Row

__all__ = ["text"]


def text(shown: Explanation) -> Iterator[str]:
    """Lines, with colours."""
    count = len(shown.candidates)
    found = f"{count} candidate{'s' * (count != 1)}" if count else "no candidate"
    yield click.style(f"{clean(shown.name)}: {found}", bold=True)
    for place, row in enumerate(shown.candidates, 1):
        yield ""
        yield from _row(f"{place}.", row)
    if shown.excluded:
        yield "\nof another kind:"
    for row in shown.excluded:
        yield ""
        yield from _row("-", row)
    yield ""
    lists = ", ".join(f"{clean(one.name)} {clean(one.version)} ({one.entries:,} entries)" for one in shown.lists)
    yield f"lists: {lists}; model: {shown.model}"


def _row(place: str, row: Row) -> Iterator[str]:
    colour = "red" if row.alert is not None else None
    yield (
        click.style(f"{place.ljust(3)}{row.score:6.2f}  {clean(row.name)}", fg=colour, bold=True) + f"  ({row.quality})"
    )
    yield _line("entry", f"{row.entry_id} of {row.list} {row.list_version}, {row.kind}")
    yield _line("tokens", row.aligned or "none in common")
    yield _line("name", f"{row.name_score:.2f}, the name alone")
    for fact in row.facts:
        yield _line("fact", f"{_change(fact.before, fact.after)}  {fact.text}")
    yield _line("verdict", _verdict(row))
    yield _line("stream", row.stream)


def _verdict(row: Row) -> str:
    text = row.verdict.upper() if row.verdict else "no match" if row.engine is None else "near miss"
    if row.engine is not None:
        text += f" by the engine's {row.engine:.2f}"
    if row.verdict_name not in (None, row.name):
        text += f" on {row.verdict_name}"
    if row.corroborators:
        return f"{text}, corroborated by {', '.join(row.corroborators)}"
    return f"{text}, on the name alone" if row.verdict else text


def _line(label: str, content: str) -> str:
    return f"   {label.ljust(8)} {clean(content)}"


def _change(before: float, after: float) -> str:
    """
    >>> _change(93.1, 97.123), _change(90.0, 0.0), _change(50.0, 50.0)
    ('+4.02 = 97.12', '-90.00 = 0.00', '+0.00 = 50.00')
    """
    return f"{after - before:+.2f} = {after:.2f}"
