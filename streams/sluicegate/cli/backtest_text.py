"""What a change would have done, in words and tables for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sluicegate.backtest.compare import SEVERITIES, Changed, Comparison, Judged, SideCounts, varied
from sluicegate.backtest.trial import Seen
from sluicegate.cli.alert_text import amount, clean

__all__ = ["Moved", "Report", "text"]


class Moved(msgspec.Struct, frozen=True):
    """A number of a rule's parameters: where it was, where the change puts it, and half as far again."""

    rule: str
    parameter: str
    before: Any
    after: Any
    beyond: Any


class Report(msgspec.Struct, frozen=True):
    """What `--json` writes. `payments` counts payment events read; rates are alerts per 1,000 of them.

    `changes` and `moved` are told from the defaults, or from the policy of --against.
    """

    payments: int
    tenants: int
    lines: int
    refused: int
    changes: list[str]
    moved: list[Moved]
    per_thousand_before: float
    per_thousand_after: float
    comparison: Comparison


def text(report: Report, examples: int) -> str:
    """The report; up to `examples` of each kind of alert."""
    return (
        "\n".join([*_head(report), *_table(report), *_precision(report.comparison), *_examples(report, examples)])
        + "\n"
    )


def _head(report: Report) -> Iterator[str]:
    yield f"{report.payments:,} payments, {report.tenants:,} tenant{'s' * (report.tenants != 1)}"
    yield from report.changes
    total = report.comparison.total
    yield (
        f"alerts: {total.before:,} -> {total.after:,} "
        f"({report.per_thousand_before:.2f} -> {report.per_thousand_after:.2f} per 1,000 payments): "
        f"{total.gained:,} gained, {total.lost:,} lost, {total.changed:,} changed"
    )
    if report.comparison.gained_of_lost:
        count = report.comparison.gained_of_lost
        yield f"{count:,} of those gained are on events of lost alerts, of which another rule still speaks"
    yield ""


_COLUMNS = ("before", "after", "gained", "lost", "changed")


def _table(report: Report) -> Iterator[str]:
    """Severities, then rules; those where something differs are marked."""
    found = report.comparison
    rows: list[tuple[str, tuple[int, ...]]] = []
    for severity in SEVERITIES:
        gained = sum(seen.severity == severity for seen in found.gained)
        lost = sum(seen.severity == severity for seen in found.lost)
        changed = sum(one.before.severity != one.after.severity == severity for one in found.changed)
        rows.append(
            (severity, (found.before.severities[severity], found.after.severities[severity], gained, lost, changed))
        )
    width = max([len("alerts by severity"), *(len(rule) + 2 for rule in found.rules)])
    yield _row("alerts by severity", _COLUMNS, width) + "  per 1,000"
    for name, cells in rows:
        yield _cells(name, cells, width, report.payments)
    yield ""
    yield _row("alerts by rule", _COLUMNS, width) + "  per 1,000"
    for rule, one in found.rules.items():
        cells = tuple(getattr(one.alerts, column) for column in _COLUMNS)
        differs = any(cells[2:]) or one.severities_before != one.severities_after
        if any(cells):
            yield _cells(f"{rule} *" if differs else rule, cells, width, report.payments)
    quiet = [
        f"{rule}: {_why(one.signals_before)} -> {_why(one.signals_after)}"
        for rule, one in found.rules.items()
        if one.signals_before != one.signals_after
    ]
    if quiet:
        yield ""
        yield "findings that are no alert"
        yield from (f"  {line}" for line in quiet)


def _cells(name: str, cells: Sequence[int], width: int, payments: int) -> str:
    rates = (f"{1000 * cell / payments:.2f}" if payments else "-" for cell in cells[:2])
    return _row(name, [f"{cell:,}" for cell in cells], width) + "  " + " -> ".join(rates)


def _row(name: str, cells: Sequence[str], width: int) -> str:
    return name.ljust(width) + "".join(cell.rjust(9) for cell in cells)


def _why(signals: Mapping[str, int]) -> str:
    """
    >>> _why({"shadow": 3, "signal": 1}), _why({})
    ('3 shadow, 1 signal', '0')
    """
    return ", ".join(f"{count:,} {why}" for why, count in signals.items()) or "0"


def _precision(found: Comparison) -> Iterator[str]:
    """Nothing where the files hold no verdicts."""
    if not (found.before.judged.confirmed + found.before.judged.cleared or found.unmatched_verdicts):
        return
    yield ""
    yield f"precision before: {_share(found.before)}"
    yield f"precision after:  {_share(found.after)}"
    yield f"lost: {_verdicts(found.lost_judged)}; gained: {_verdicts(found.gained_judged)}"
    if found.unmatched_verdicts:
        yield f"{found.unmatched_verdicts:,} verdicts are on alerts that neither side raises"


def _share(side: SideCounts) -> str:
    judged = side.judged
    if side.precision is None:
        return f"unknown, none of {side.alerts:,} alerts was judged"
    count = judged.confirmed + judged.cleared
    return (
        f"{100 * side.precision:.1f} % ({judged.confirmed:,} confirmed of {count:,} judged; {judged.open:,} not judged)"
    )


def _verdicts(judged: Judged) -> str:
    return f"{judged.confirmed:,} confirmed, {judged.cleared:,} cleared, {judged.open:,} not judged"


def _examples(report: Report, most: int) -> Iterator[str]:
    found = report.comparison
    if not most:
        return
    yield from _shown("gained", found.gained, most)
    yield from _shown("lost", found.lost, most)
    if found.changed:
        yield f"\nchanged ({_of(len(found.changed), most)})"
        for one in found.changed[:most]:
            yield from _change(one)
    beyond = ", ".join(f"{one.rule}.{one.parameter} {one.beyond}" for one in report.moved)
    if not beyond:
        return
    yield from _shown(f"just not reported: {beyond} would", found.just_silent, most)
    yield from _shown(f"just still reported: {beyond} would not", found.just_kept, most)
    if not (found.just_silent or found.just_kept):
        yield f"\nnothing lies just beside the change: {beyond} gives the same alerts"


def _of(count: int, most: int) -> str:
    return f"{count:,}" if count <= most else f"{most:,} of {count:,}"


def _shown(what: str, alerts: Sequence[Seen], most: int) -> Iterator[str]:
    if alerts:
        yield f"\n{what} ({_of(len(alerts), most)})"
    for seen in varied(alerts, most):
        yield from _alert(seen)


def _alert(seen: Seen) -> Iterator[str]:
    money = ", ".join(f"{amount(one.value)} {clean(one.currency)}" for one in seen.money)
    when = seen.first_event_at[:10]
    yield f"  {seen.severity.upper()} {seen.score:g}  {_place(seen)}  {when}  {money}".rstrip()
    yield f"    {clean(seen.title)}"
    for reason in seen.reasons:
        yield f"    - {clean(reason.text)}  [{reason.rule} {reason.score:g}]"


def _change(one: Changed) -> Iterator[str]:
    before, after = one.before, one.after
    yield (
        f"  {before.severity.upper()} {before.score:g} -> {after.severity.upper()} {after.score:g}"
        f"  {_place(after)}  {after.first_event_at[:10]}"
    )
    yield f"    {clean(after.title)}"
    rules = Counter(before.rules), Counter(after.rules)
    for mark, gone in (("-", rules[0] - rules[1]), ("+", rules[1] - rules[0])):
        for rule, score in sorted(gone.elements()):
            yield f"    {mark} {rule} {score:g}"


def _place(seen: Seen) -> str:
    return f"{clean(seen.tenant_id)}  {seen.subject.kind} {clean(seen.subject.id)}"
