"""Ordinary business by the generator: how many alerts it gives; then with schemes among it: which are found, how soon.

Clean: payments without any scheme, each alert counted once, with the severity and the rules of its last revision; at
the end every clock moves on by seven days, so that nothing waits. Asserts at most 5 alerts for 1,000 payments, at most
one of them high, none critical.

Schemes: the same generator with every scheme of `generate/schemes`. A case is found once a revision names one of its
events as evidence of the rule that the scheme is for. Counted from the case's first event, which is the 0th: further
events of the case, and further events and payments of its tenant, until that revision. Cases that begin in the last ten
days are left out, because they may not be over. Asserts that each scheme but the budgeted ones is found by its rule.

Screened against the OFAC names of ../shared beside the generator's own list, where these are present.
"""

import json
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

import msgspec

from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.partition import LogRecord, Output, Partition
from sluicegate.generate.days import MINUTE
from sluicegate.generate.drafts import Case
from sluicegate.generate.schemes import SCHEMES
from sluicegate.generate.stream import Generated, Generator
from sluicegate.replay import END_ADVANCE
from sluicegate.rules.registry import RULES
from tests.bench.harness import Verdict, arguments, headline, say, table
from tests.bench.logs import CHECKPOINT
from tests.bench.ofac_names import NAMES, updates

END = 1_781_161_200_000_000
"""2026-06-11."""
SEVERITIES = ("critical", "high", "medium", "low")
MOST_ALERTS, MOST_HIGH = 5.0, 1.0
"""For 1,000 payments."""
BUDGETED = {"unusual-payment"}
"""Rules that report the most unusual payments up to a share of all, and so may pass one over."""
OPEN = 10 * DAY
CALM = 22 * HOUR + 30 * MINUTE
"""UTC: the last pay run of the west is over, the first of the east has not begun."""

Heard = Callable[[Generated | None, dict[str, Any]], None]
"""An alert revision, and the event on which it came; None at the end."""
_alert = msgspec.json.Decoder().decode


def detect(events: Iterable[Generated], heard: Heard, worked: Callable[[Generated], None]) -> None:
    """Work the events through one partition."""
    partition, offset = Partition(), 0
    run = partition.begin()

    def tell(outputs: list[Output], event: Generated | None) -> None:
        for output in outputs:
            if output.topic == "alerts":
                heard(event, _alert(output.value)["data"])

    lists = [json.dumps(part).encode() for part in updates()] if NAMES.exists() else []
    for value in lists:
        run.apply(LogRecord(offset, 0, b"*", value))
        offset += 1
    for event in events:
        before = len(run.outputs)
        run.apply(LogRecord(offset, event.time // 1000, event.key, event.value))
        offset += 1
        worked(event)
        tell(run.outputs[before:], event)
        if offset % CHECKPOINT == 0:
            run.merge()
            run = partition.begin()
    before = len(run.outputs)
    run.end(END_ADVANCE)
    tell(run.outputs[before:], None)


def is_payment(event: Generated) -> bool:
    return event.topic in ("payroll-payments", "vendor-payments")


def until(source: Iterator[Generated], payments: int) -> Iterator[Generated]:
    """Events with so many payments among them, and what follows until no pay run is under way."""
    for event in source:
        if payments <= 0 and event.time % DAY > CALM:
            return
        yield event
        payments -= is_payment(event)


def stream(seed: int, payments: int, tenants: int, schemes: float) -> Iterator[Generated]:
    """About 300 days with so many payments."""
    generator = Generator.sized(
        seed, 2 * payments, end=END, tenants=tenants, scheme_share=schemes, verdict_share=0.0 if not schemes else 0.3
    )
    return until(generator.events(), payments)


# -- clean -------------------------------------------------------------------------------------------------------------


def clean(seed: int, payments: int, tenants: int, show: int, verdict: Verdict) -> None:
    last: dict[str, dict[str, Any]] = {}
    events: Counter[str] = Counter()

    def heard(_: Generated | None, alert: dict[str, Any]) -> None:
        last[alert["alert_id"]] = alert

    detect(stream(seed, payments, tenants, 0.0), heard, lambda event: events.update([event.topic]))
    paid = events["payroll-payments"] + events["vendor-payments"]
    by_rule: Counter[tuple[str, str]] = Counter()
    for alert in last.values():
        by_rule.update({(reason["rule"], alert["severity"]) for reason in alert["reasons"]})
    every = Counter(alert["severity"] for alert in last.values())
    found = sorted({rule for rule, _ in by_rule}, key=lambda rule: -sum(by_rule[rule, s] for s in SEVERITIES))
    rows = [(rule, [by_rule[rule, severity] for severity in SEVERITIES]) for rule in found]
    rows.append(("all (an alert may have several)", [every[severity] for severity in SEVERITIES]))
    table(
        [[rule, *counts, sum(counts), f"{sum(counts) / paid * 1000:.2f}"] for rule, counts in rows],
        [f"clean: alerts of {paid:,} payments", *SEVERITIES, "all", "/1,000"],
    )
    print(f"{sum(events.values()):,} events; quiet: {', '.join(sorted(set(RULES) - set(found)))}")
    _show(last.values(), show)
    print()
    rate, high = len(last) / paid * 1000, every["high"] / paid * 1000
    verdict.check(rate <= MOST_ALERTS, f"{rate:.2f} alerts for 1,000 clean payments, at most {MOST_ALERTS:g}")
    verdict.check(high <= MOST_HIGH, f"{high:.2f} high ones, at most {MOST_HIGH:g}")
    verdict.check(not every["critical"], f"{every['critical']} critical ones, none allowed")


def _show(alerts: Iterable[dict[str, Any]], most: int) -> None:
    """Some alerts of each rule, as an analyst would read them."""
    shown: Counter[str] = Counter()
    for alert in alerts:
        rule = alert["reasons"][0]["rule"]
        shown[rule] += 1
        if shown[rule] <= most:
            print(f"  {rule} {alert['severity']}: {alert['reasons'][0]['text']} {json.dumps(alert['subject'])}")


# -- schemes -----------------------------------------------------------------------------------------------------------


class Watched:
    """One case: its events, and after how many of what each rule found it."""

    def __init__(self, case: Case, first: Generated, events: int, payments: int) -> None:
        self.case, self.began = case, first.time
        self.refs: list[str] = []
        self._events, self._payments = events, payments
        self.found: dict[str, tuple[int, int, int]] = {}
        """Rule -> further events of the case, and events and payments of the tenant, until it found the case."""

    def see(self, rule: str, events: int, payments: int) -> None:
        self.found.setdefault(rule, (len(self.refs) - 1, events - self._events, payments - self._payments))


def schemes(seed: int, payments: int, tenants: int, share: float, verdict: Verdict) -> None:
    cases: dict[int, Watched] = {}
    by_ref: dict[str, Watched] = {}
    events: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    latest = 0

    def worked(event: Generated) -> None:
        nonlocal latest
        latest = event.time
        events[event.tenant] += 1
        paid[event.tenant] += is_payment(event)
        if event.case is not None:
            one = cases.get(id(event.case))
            if one is None:
                one = cases[id(event.case)] = Watched(event.case, event, events[event.tenant], paid[event.tenant])
            head = _alert(event.value)
            one.refs.append(ref := f"{head['source']}#{head['id']}")
            by_ref[ref] = one

    def heard(_: Generated | None, alert: dict[str, Any]) -> None:
        tenant = alert["tenant_id"]
        for reason in alert["reasons"]:
            for one in {id(w): w for ref in reason["event_ids"] if (w := by_ref.get(ref)) is not None}.values():
                one.see(reason["rule"], events[tenant], paid[tenant])

    detect(stream(seed + 1, payments, tenants, share), heard, worked)
    over = [one for one in cases.values() if one.began < latest - OPEN]
    rows, missed = [], []
    for name, scheme in SCHEMES.items():
        mine = [one for one in over if one.case.scheme == name]
        found = [one.found[scheme.rule] for one in mine if scheme.rule in one.found]
        missed += [name] * (len(mine) > len(found) and scheme.rule not in BUDGETED) + [name] * (not mine)
        others = Counter(rule for one in mine for rule in one.found if rule != scheme.rule)
        also = ", ".join(f"{rule} {count}" for rule, count in others.most_common(3))
        rows.append([name, scheme.rule, len(mine), len(found), *_spread(found), also])
    table(rows, ["scheme", "its rule", "cases", "found", "of case", "of tenant", "payments", "found as well by"])
    print("further events of the case, events and payments of its tenant until it is found: median (most)")
    covered = {scheme.rule for scheme in SCHEMES.values()}
    print(f"rules without a scheme: {', '.join(slug for slug in RULES if slug not in covered)}")
    print()
    verdict.check(not missed, f"every scheme is found by its rule{': not ' + ', '.join(missed) if missed else ''}")


def _spread(found: list[tuple[int, int, int]]) -> list[str]:
    if not found:
        return ["", "", ""]
    return [f"{statistics.median(one):g} ({max(one)})" for one in zip(*found, strict=True)]


def main() -> int:
    options = arguments(
        __doc__,
        payments=(100_000, "clean payments"),
        tenants=(8, "tenants"),
        with_schemes=(40_000, "payments of the stream with schemes; 0 is none"),
        share=(0.004, "schemes begun for each event there"),
        show=(0, "alerts of each rule to print"),
    )
    headline("Clean traffic, and schemes among it")
    print(f"list: {'OFAC names of ../shared and' if NAMES.exists() else '../shared is absent;'} the generator's own")
    verdict = Verdict()
    if options.payments:
        clean(options.seed, options.payments, options.tenants, options.show, verdict)
        say("clean traffic: done")
    if options.with_schemes:
        schemes(options.seed, options.with_schemes, options.tenants, options.share, verdict)
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
