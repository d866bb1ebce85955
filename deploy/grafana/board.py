"""What all dashboards have: variables, links to each other, marks of what happened, and rows of panels."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import DATASOURCE

__all__ = ["Board", "Choice", "build"]

_PROMETHEUS = "http://127.0.0.1:9090/user"
"""Where the Prometheus of deploy/compose.yaml serves the runbooks."""
_TAG = "sluicegate"


class Choice(NamedTuple):
    """A variable by which a reader narrows a dashboard: all values of a label of a series, `all` at first."""

    label: str
    series: str


class Board(NamedTuple):
    """A dashboard: `uid` is also its file's name, and stays when the title changes."""

    uid: str
    title: str
    about: str
    rows: Mapping[str, Sequence[Any]]
    """Title of a row -> its panels, which fill lines of 24 columns from left to right."""
    choices: Sequence[Choice] = ()


class _Mark(model.AnnotationQuery):
    """With the two fields of Prometheus' annotations that the schema does not know."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def to_json(self) -> dict[str, object]:
        return super().to_json() | {"titleFormat": self.name, "textFormat": self.text}


class _Marked(dashboard.AnnotationQuery):
    def __init__(self, text: str) -> None:
        self._internal = _Mark(text)


def build(board: Board) -> model.Dashboard:
    """The dashboard of a description, panels numbered in reading order."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(" ".join(board.about.split()))
        .tags([_TAG])
        .timezone("utc")
        .refresh("30s")
        .time("now-3h", "now")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .variables(_variables(board))
        .annotations(_marks())
        .link(
            dashboard.DashboardLink("Sluicegate")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags([_TAG])
            .as_dropdown(False)
            .include_vars(False)
            .keep_time(True)
        )
    )
    number = 0
    for title, panels in board.rows.items():
        number += 1
        made.with_row(dashboard.Row(title).id(number))
        for panel in panels:
            number += 1
            made.with_panel(panel.id(number))
    return made.build()


def _variables(board: Board) -> list[Any]:
    datasource = dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
    narrow = [
        dashboard.QueryVariable(choice.label)
        .label(choice.label.capitalize())
        .query({"query": f"label_values({choice.series}, {choice.label})", "refId": choice.label})
        .datasource(DATASOURCE)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.NATURAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(model.VariableOption(text=["All"], value=["$__all"]))
        for choice in board.choices
    ]
    runbooks = (
        dashboard.TextBoxVariable("runbooks")
        .label("Runbooks")
        .description("Address under which the runbooks are read; a folder of a web server or of a repository.")
        .default_value(_PROMETHEUS)
        .current(model.VariableOption(text=_PROMETHEUS, value=_PROMETHEUS))
    )
    return [datasource, *narrow, runbooks]


def _marks() -> list[Builder[model.AnnotationQuery]]:
    """What explains a kink in a line."""
    happened = (
        (
            "A worker started",
            "{{instance}}",
            "blue",
            # two scrapes, or the step of a wide view; a new instance has no change of its start
            'time() - process_start_time_seconds{job="sluicegate-worker"} < 30 + $__interval_ms / 1000',
        ),
        (
            "A rule was put in shadow",
            "{{rule}}: {{cause}}",
            "orange",
            "sum by (rule, cause) (increase(sluicegate_rule_trips_total[$__rate_interval])) > 0",
        ),
        (
            "A sanctions list changed",
            "{{result}}",
            "purple",
            "sum by (result) (increase(sluicegate_list_updates_total[$__rate_interval])) > 0",
        ),
        (
            "An alert of operations fires",
            "{{alertname}}, {{severity}}",
            "red",
            'ALERTS{alertname=~"Sluicegate.*", alertstate="firing"}',
        ),
    )
    return [
        _Marked(text).name(name).datasource(DATASOURCE).enable(True).icon_color(colour).expr(expression)
        for name, text, colour, expression in happened
    ]
