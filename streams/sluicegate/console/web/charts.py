"""Charts as SVG, drawn here: they need no script, follow the theme by classes, and a table stands behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from markupsafe import Markup, escape

__all__ = ["Point", "bars", "nice", "sparkline"]


class Point(msgspec.Struct, frozen=True):
    """A payment on a sparkline: `at` from 0 to 1 of the time; `own` is of the alert; `said` is shown on pointing."""

    at: float
    value: float
    own: bool
    said: str


def sparkline(points: Sequence[Point], *, width: int = 640, height: int = 84, label: str) -> Markup:
    """Amounts over time as dots on stems, from zero; those of the alert lie on top."""
    most = max((point.value for point in points), default=0.0) or 1.0
    base, top, edge = height - 4.0, 8.0, 8.0
    parts = [f'<line class="axis" x1="0" y1="{base:g}" x2="{width}" y2="{base:g}"/>']
    for point in sorted(points, key=lambda point: point.own):
        x = edge + point.at * (width - 2 * edge)
        y = base - (base - top) * max(point.value, 0.0) / most
        kind = "own" if point.own else "other"
        parts.append(
            f'<g><title>{escape(point.said)}</title><line class="stem {kind}" x1="{x:.1f}" y1="{base:g}" x2="{x:.1f}"'
            f' y2="{y:.1f}"/><circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{5 if point.own else 3}"/></g>'
        )
    return _svg("sparkline", width, height, label, parts)


def nice(most: float) -> int:
    """The end of an axis of counts: a round number whose half is whole.

    >>> nice(0), nice(3), nice(7), nice(32), nice(1234)
    (2, 4, 10, 40, 2000)
    """
    size = 1
    while True:
        for step in (2, 4, 6, 10):
            if most <= step * size:
                return step * size
        size *= 10


def bars(
    columns: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    bounds: Sequence[float] = (),
    width: int = 480,
    height: int = 180,
    label: str,
) -> Markup:
    """Stacked bars: one a column, each series in a class of its own (`series-1`, …), the first at the bottom.

    `bounds`, one a column, are drawn as lines across the bars.
    """
    totals = [sum(values[at] for values in series.values()) for at in range(len(columns))]
    end = nice(max([*totals, *bounds], default=0.0))
    left, bottom, top = 40.0, 24.0, 10.0
    room, tall = (width - left) / max(len(columns), 1), height - bottom - top
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = height - bottom - share * tall
        parts.append(f'<line class="grid" x1="{left:g}" y1="{y:.1f}" x2="{width}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{left - 6:g}" y="{y + 4:.1f}" text-anchor="end">{end * share:,.0f}</text>')
    every = 1 if len(columns) <= 8 else -(-len(columns) // 6)
    for at, column in enumerate(columns):
        x, y = left + at * room, height - bottom
        for number, values in enumerate(series.values(), 1):
            tallness = tall * values[at] / end
            y -= tallness
            if tallness > 0:
                parts.append(
                    f'<rect class="series-{number}" x="{x + 0.1 * room:.1f}" y="{y:.1f}" width="{0.8 * room:.1f}"'
                    f' height="{tallness:.1f}"><title>{escape(column)}: {values[at]:,.0f}</title></rect>'
                )
        if at < len(bounds):
            y = height - bottom - tall * bounds[at] / end
            parts.append(f'<line class="bound" x1="{x:.1f}" y1="{y:.1f}" x2="{x + room:.1f}" y2="{y:.1f}"/>')
        if at % every == 0:
            parts.append(
                f'<text class="tick" x="{x + room / 2:.1f}" y="{height - 7}" text-anchor="middle">'
                f"{escape(column)}</text>"
            )
    return _svg("bars", width, height, label, parts)


def _svg(kind: str, width: int, height: int, label: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704 (numbers, and texts that were escaped)
        f'<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
