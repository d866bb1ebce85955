"""Two sides of a backtest compared: alerts gained, lost and changed, and how often analysts agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from sluicegate.backtest.trial import Outcome, Seen
from sluicegate.detection.view import CLEARING

__all__ = ["Changed", "Comparison", "Count", "Judged", "RuleCount", "SideCounts", "compare", "varied"]

CONFIRMED = "confirmed"
SEVERITIES = ("critical", "high", "medium", "low")


class Changed(msgspec.Struct, frozen=True):
    """An alert that both sides raise, with another severity, score or set of reasons."""

    before: Seen
    after: Seen


class Count(msgspec.Struct):
    """Alerts on both sides, and what became of them. `changed` counts alerts on both sides."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    changed: int = 0


class RuleCount(msgspec.Struct):
    """Alerts that a rule is a reason of; `signals` are its findings that became no alert, by why."""

    alerts: Count
    severities_before: dict[str, int]
    severities_after: dict[str, int]
    signals_before: dict[str, int]
    signals_after: dict[str, int]


class Judged(msgspec.Struct):
    """Verdicts on alerts: `confirmed`, `cleared` (false positive, benign, error), and alerts without either."""

    confirmed: int = 0
    cleared: int = 0
    open: int = 0

    @property
    def precision(self) -> float | None:
        """The confirmed share of the alerts that were judged; None where none was.

        >>> Judged(confirmed=1, cleared=3, open=9).precision, Judged(open=9).precision
        (0.25, None)
        """
        judged = self.confirmed + self.cleared
        return self.confirmed / judged if judged else None


class SideCounts(msgspec.Struct):
    """One side: its alerts by severity, and the verdicts on them."""

    alerts: int
    severities: dict[str, int]
    judged: Judged
    precision: float | None


class Comparison(msgspec.Struct):
    """What a change does. `unmatched_verdicts` are on alerts that neither side raises.

    `gained_of_lost` counts the gained alerts that share an event with a lost one: what other rules still say of it.
    `just_silent` are alerts of the changed rules that only half as far again would raise; `just_kept` such that it
    would lose.
    """

    total: Count
    before: SideCounts
    after: SideCounts
    rules: dict[str, RuleCount]
    gained: list[Seen]
    lost: list[Seen]
    changed: list[Changed]
    gained_judged: Judged
    lost_judged: Judged
    gained_of_lost: int
    unmatched_verdicts: int
    just_silent: list[Seen]
    just_kept: list[Seen]


def compare(before: Outcome, after: Outcome, beyond: Outcome | None = None, moved: Collection[str] = ()) -> Comparison:
    """Compare the alerts of two sides by their last revisions, and with a third side that goes further than `after`.

    `moved` are the rules whose numbers go further there; alerts of which none of them speaks are no counterexamples.
    A verdict in the files is on an alert of the past: it counts for the alert of that id, and for the one that takes
    its place on the other side.
    """
    same, lost, gained = _pairs(before.alerts, after.alerts)
    changed = [Changed(a, b) for a, b in same if (a.severity, a.rules) != (b.severity, b.rules)]
    verdicts = before.verdicts
    follows = {b.alert_id: a.alert_id for a, b in same}
    ids = {seen.alert_id for seen in before.alerts} | {seen.alert_id for seen in after.alerts}
    _, not_kept, only_beyond = _pairs(after.alerts, beyond.alerts) if beyond is not None else ([], [], [])
    events_lost = {event for seen in lost for event in _events(seen)}
    held_before = {seen.alert_id for seen in before.alerts}
    judged = [_judged(side.alerts, verdicts, follows) for side in (before, after)]
    sides = [
        SideCounts(len(side.alerts), _severities(side.alerts), verdict, verdict.precision)
        for side, verdict in zip((before, after), judged, strict=True)
    ]
    return Comparison(
        total=Count(len(before.alerts), len(after.alerts), len(gained), len(lost), len(changed)),
        before=sides[0],
        after=sides[1],
        rules=_by_rule(before, after, gained, lost, changed),
        gained=_ordered(gained),
        lost=_ordered(lost),
        changed=sorted(changed, key=lambda one: _order(one.after)),
        gained_judged=_judged(gained, verdicts, follows),
        lost_judged=_judged(lost, verdicts, follows),
        gained_of_lost=sum(not events_lost.isdisjoint(_events(seen)) for seen in gained),
        unmatched_verdicts=len(verdicts.keys() - ids),
        just_silent=_ordered(
            seen for seen in only_beyond if seen.alert_id not in held_before and not _rules(seen).isdisjoint(moved)
        ),
        just_kept=_ordered(seen for seen in not_kept if not _rules(seen).isdisjoint(moved)),
    )


def varied(alerts: Sequence[Seen], most: int) -> list[Seen]:
    """Up to `most` alerts, by turns from every leading rule."""
    by_rule: dict[str, list[Seen]] = {}
    for seen in alerts:
        by_rule.setdefault(seen.reasons[0].rule, []).append(seen)
    picked: list[Seen] = []
    while len(picked) < min(most, len(alerts)):
        picked += [row.pop(0) for row in by_rule.values() if row]
    return picked[:most]


Pairs = list[tuple[Seen, Seen]]


def _pairs(before: Sequence[Seen], after: Sequence[Seen]) -> tuple[Pairs, list[Seen], list[Seen]]:
    """Alerts of both sides in pairs, those of the first alone, those of the second alone.

    Ids are equal where the same event opened the alert. Where another one did, alerts of one tenant, subject and family
    that share an event are the same.
    """
    by_id = {seen.alert_id: seen for seen in after}
    pairs = [(seen, by_id.pop(seen.alert_id)) for seen in before if seen.alert_id in by_id]
    found = {seen.alert_id for seen, _ in pairs}
    held: dict[tuple[object, ...], Seen] = {}
    for seen in reversed(list(by_id.values())):
        held |= dict.fromkeys(_keys(seen), seen)
    lost = []
    for seen in before:
        if seen.alert_id in found:
            continue
        twin = next((held[key] for key in _keys(seen) if key in held and held[key].alert_id in by_id), None)
        if twin is None:
            lost.append(seen)
        else:
            pairs.append((seen, by_id.pop(twin.alert_id)))
    return pairs, lost, list(by_id.values())


def _keys(seen: Seen) -> list[tuple[object, ...]]:
    return [(seen.subject.kind, seen.subject.id, seen.family, event) for event in _events(seen)]


def _events(seen: Seen) -> list[tuple[str, str]]:
    """(tenant, event) of all reasons, in order."""
    events = dict.fromkeys(event for reason in seen.reasons for event in reason.event_ids)
    return [(seen.tenant_id, event) for event in events]


def _judged(alerts: Iterable[Seen], verdicts: Mapping[str, str], follows: Mapping[str, str]) -> Judged:
    judged = Judged()
    for seen in alerts:
        verdict = verdicts.get(seen.alert_id) or verdicts.get(follows.get(seen.alert_id, ""))
        if verdict == CONFIRMED:
            judged.confirmed += 1
        elif verdict in CLEARING:
            judged.cleared += 1
        else:
            judged.open += 1
    return judged


def _severities(alerts: Iterable[Seen]) -> dict[str, int]:
    counts = Counter(seen.severity for seen in alerts)
    return {severity: counts[severity] for severity in SEVERITIES}


def _by_rule(
    before: Outcome, after: Outcome, gained: Iterable[Seen], lost: Iterable[Seen], changed: Iterable[Changed]
) -> dict[str, RuleCount]:
    """Every rule that either side names, sorted."""
    counts: dict[str, Count] = {}
    levels: dict[str, list[Counter[str]]] = {}
    groups = {"before": before.alerts, "after": after.alerts, "gained": gained, "lost": lost}
    for name, alerts in groups.items():
        for seen in alerts:
            for rule in _rules(seen):
                count = counts.setdefault(rule, Count())
                setattr(count, name, getattr(count, name) + 1)
                if name in ("before", "after"):
                    levels.setdefault(rule, [Counter(), Counter()])[name == "after"][seen.severity] += 1
    for one in changed:
        rules = Counter(one.before.rules), Counter(one.after.rules)
        for rule in {rule for rule, _ in (*(rules[0] - rules[1]), *(rules[1] - rules[0]))}:
            counts[rule].changed += 1
    named = sorted({*counts, *(rule for side in (before, after) for rule, _ in side.signals)})
    return {
        rule: RuleCount(
            counts.get(rule, Count()),
            *({s: level[s] for s in SEVERITIES if level[s]} for level in levels.get(rule, [Counter(), Counter()])),
            *({why: n for (of, why), n in sorted(side.signals.items()) if of == rule} for side in (before, after)),
        )
        for rule in named
    }


def _rules(seen: Seen) -> set[str]:
    return {reason.rule for reason in seen.reasons}


def _ordered(alerts: Iterable[Seen]) -> list[Seen]:
    return sorted(alerts, key=_order)


def _order(seen: Seen) -> tuple[float, str, str]:
    return -seen.score, seen.first_event_at, seen.alert_id
