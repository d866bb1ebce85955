"""Panels of one look: a title, what is normal and what to do in plain words, a unit, and a link to the runbook."""

from collections.abc import Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model

__all__ = ["DATASOURCE", "RUNBOOKS", "Limits", "Query", "bars", "lines", "number"]

DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
RUNBOOKS = "${runbooks:raw}"
"""Where the runbooks are read, a variable of every dashboard: the Prometheus of deploy/ serves them."""

Query = tuple[str, str]
"""An expression, and the legend of its series."""
Limits = Sequence[tuple[float, str]]
"""From which value on which colour; below the first it is green."""

_Panel = TypeVar("_Panel", stat.Panel, timeseries.Panel, bargauge.Panel)
_LETTERS = "ABCDEFGH"
_BASE = "green"


def number(
    title: str,
    about: str,
    expression: str,
    unit: str,
    runbook: str,
    *,
    limits: Limits = (),
    base: str = _BASE,
    span: int = 4,
    height: int = 4,
) -> stat.Panel:
    """One value, coloured by its limits, with its course behind it; six stand side by side."""
    panel = (
        stat.Panel()
        .graph_mode(common_model.BigValueGraphMode.AREA)
        .color_mode(common_model.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(limits, base))
        .height(height)
        .span(span)
    )
    return _common(panel, title, about, [(expression, "")], unit, runbook)


def lines(
    title: str,
    about: str,
    queries: Sequence[Query],
    unit: str,
    runbook: str,
    *,
    limits: Limits = (),
    base: str = _BASE,
    stacked: bool = False,
    logarithmic: bool = False,
    span: int = 12,
) -> timeseries.Panel:
    """Courses over time; limits are dashed lines. The legend tells the last and the highest value of each."""
    scale = common.ScaleDistributionConfig().type(
        common_model.ScaleDistribution.LOG if logarithmic else common_model.ScaleDistribution.LINEAR
    )
    panel = (
        timeseries.Panel()
        .legend(
            common.VizLegendOptions()
            .display_mode(common_model.LegendDisplayMode.TABLE)
            .placement(common_model.LegendPlacement.RIGHT if span >= 12 else common_model.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
            .sort_by("Max")
            .sort_desc(True)
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_model.TooltipDisplayMode.MULTI)
            .sort(common_model.SortOrder.DESCENDING)
        )
        .scale_distribution(scale.log(10) if logarithmic else scale)
        .line_width(1)
        .fill_opacity(25 if stacked else 5)
        .show_points(common_model.VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(_stacking(stacked)))
        .thresholds(_thresholds(limits, base))
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(_drawn(limits)))
        .height(8)
        .span(span)
    )
    if not logarithmic:
        panel.axis_soft_min(0)
    return _common(panel, title, about, queries, unit, runbook)


def bars(
    title: str,
    about: str,
    expression: str,
    legend: str,
    unit: str,
    runbook: str,
    *,
    limits: Limits = (),
    base: str = _BASE,
    span: int = 12,
) -> bargauge.Panel:
    """The present value of each of a few series, as bars one below another."""
    panel = (
        bargauge.Panel()
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(limits, base))
        .min(0)
        .height(8)
        .span(span)
    )
    return _common(panel, title, about, [(expression, legend)], unit, runbook)


def _common(panel: _Panel, title: str, about: str, queries: Sequence[Query], unit: str, runbook: str) -> _Panel:
    panel.title(title).description(" ".join(about.split())).unit(unit).datasource(DATASOURCE)
    panel.links(
        [
            dashboard.DashboardLink(f"Runbook: {runbook}")
            .type(model.DashboardLinkType.LINK)
            .url(f"{RUNBOOKS}/{runbook}.md")
            .target_blank(True)
        ]
    )
    for letter, (expression, legend) in zip(_LETTERS, queries, strict=False):
        query = prometheus.Dataquery().ref_id(letter).expr(" ".join(expression.split())).datasource(DATASOURCE)
        query = query.instant() if isinstance(panel, bargauge.Panel) else query.range()
        panel.with_target(query.legend_format(legend or title))
    return panel


def _thresholds(limits: Limits, base: str) -> dashboard.ThresholdsConfig:
    steps = [model.Threshold(None, base), *(model.Threshold(value, colour) for value, colour in limits)]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _stacking(stacked: bool) -> common_model.StackingMode:
    return common_model.StackingMode.NORMAL if stacked else common_model.StackingMode.NONE


def _drawn(limits: Limits) -> common_model.GraphThresholdsStyleMode:
    return common_model.GraphThresholdsStyleMode.DASHED if limits else common_model.GraphThresholdsStyleMode.OFF
