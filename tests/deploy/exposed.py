"""What the product's processes show at /metrics, from the registries themselves; and what an expression asks for."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from sluicegate.canary.figures import Figures as CanaryFigures
from sluicegate.clearance.figures import COUNTERS as CLEARED
from sluicegate.clearance.figures import GAUGES as CLEARANCE
from sluicegate.console.figures import GAUGES as CONSOLE
from sluicegate.console.figures import REQUESTS
from sluicegate.folder.figures import GAUGES as FOLDER
from sluicegate.folder.figures import Figures as FolderFigures
from sluicegate.gateway.figures import Figures as GatewayFigures
from sluicegate.lag.figures import GAUGES as LAG
from sluicegate.lag.figures import Figures as LagFigures
from sluicegate.metrics import Metrics
from sluicegate.notify.figures import Figures as NotifyFigures

__all__ = ["Asked", "asked", "exposed", "unknown"]

Labels = frozenset[str]

_OF_PROMETHEUS = {"up": Labels(), "ALERTS": Labels({"alertname", "alertstate", "severity", "team"})}
_OF_A_SCRAPE = Labels({"job", "instance"})
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_RANGE = re.compile(r"\[[^\]]*\]|\boffset\s+-?\w+")
_SELECTOR = re.compile(r"(?<![\w:.$])([a-zA-Z_:][\w:]*)(?![\w:])\s*(\{[^}]*\})?(?!\s*\()")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_WORDS = {"and", "or", "unless", "bool", "by", "without", "on", "ignoring", "inf", "Inf", "nan", "NaN"}


class Asked(NamedTuple):
    """A series that an expression selects, and the labels that it selects by."""

    name: str
    labels: Labels


@cache
def exposed() -> dict[str, Labels]:
    """Every series of every process -> its labels, without those that a scrape adds.

    >>> sorted(exposed()["sluicegate_step_seconds_bucket"])
    ['le', 'step']
    """
    found = {f"sluicegate_console_{name}": Labels(labels) for name, (_, labels) in CONSOLE.items()}
    found |= {f"sluicegate_lag_{name}": Labels(labels) for name, (_, labels) in LAG.items()}
    found |= _histogram("sluicegate_console_request_seconds", Labels(REQUESTS._labelnames))
    found |= {f"sluicegate_clearance_{name}": Labels() for name in CLEARANCE}
    found |= {f"sluicegate_clearance_{name}_total": Labels() for name in CLEARED}
    found["sluicegate_clearance_decisions_read_total"] = Labels({"decision"})
    found |= {f"sluicegate_folder_{name}": Labels() for name in FOLDER}
    worker, lag, canary = Metrics(), LagFigures(lambda: 0.0), CanaryFigures()
    others = GatewayFigures(), NotifyFigures(), FolderFigures(lambda: dict.fromkeys(FOLDER, 0.0))
    for process in (worker, lag, canary, *others):
        for one in process.instruments.declared:
            labels = Labels(one.sets)
            found |= _histogram(one.name, labels) if one.kind == "histogram" else {one.name: labels}
    for family in worker.registry.collect():
        if family.name.startswith("process_"):
            found |= {sample.name: Labels() for sample in family.samples}
    return found


def asked(expression: str) -> set[Asked]:
    """What an expression selects: names, and the labels that stand in braces.

    >>> sorted((name, sorted(labels)) for name, labels in asked(
    ...     'sum by (le) (rate(a_bucket{le="2.0", job=~"x}.*"}[5m])) / on (job) b > bool 1e3 and time() - c offset 5m'))
    [('a_bucket', ['job', 'le']), ('b', []), ('c', [])]
    """
    text = _RANGE.sub(" ", _GROUPING.sub(" ", _TEXT.sub("''", expression)))
    return {
        Asked(name, Labels(_LABEL.findall(braces))) for name, braces in _SELECTOR.findall(text) if name not in _WORDS
    }


def unknown(expression: str, recorded: Iterable[str] = ()) -> list[str]:
    """What an expression asks for that is not there: series, and labels of series. `recorded`: names made by rules.

    >>> unknown('rate(sluicegate_events_total{topic="a", payee="b"}[5m]) / sluicegate_no_such')
    ['sluicegate_events_total{payee}', 'sluicegate_no_such']
    """
    known = exposed() | _OF_PROMETHEUS
    wrong = []
    for name, labels in sorted(asked(expression)):
        if name in recorded:
            continue
        if name not in known:
            wrong.append(name)
        else:
            wrong += [f"{name}{{{label}}}" for label in sorted(labels - known[name] - _OF_A_SCRAPE)]
    return wrong


def _histogram(name: str, labels: Labels) -> dict[str, Labels]:
    return {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
