"""Over all its scenarios a rule never fails, and tells its reasons in the names that readers of alerts build on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sluicegate.rules.registry import RULES
from tests.scenarios.build import Json, Tale
from tests.scenarios.register import scenarios
from tests.unit.rules.shapes import SHAPES, Shape


def names(value: Any, before: str = "") -> Iterator[str]:
    """Names of a block and of those in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{before}{name}"
            yield from names(inner, f"{before}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner, before)


def joined(found: set[str]) -> str:
    return " ".join(sorted(found))


def shape(slug: str) -> Shape:
    reasons: list[Json] = []
    alone: list[Json] = []
    lacking: set[str] = set()
    for scenario in scenarios():
        if scenario.rule == slug:
            tale = Tale()
            scenario.tell(tale)
            played = tale.play()
            assert played.replay is not None
            assert played.replay.faults == []
            lacking |= {key[2] for key in played.replay.tallies if key[:2] == ("not_evaluable", slug)}
            told = [*played.reasons(slug), *played.noted(slug)]
            reasons += [reason.told for reason in told]
            alone += [reason.data for reason in told if len(reason.data["reasons"]) == 1]
    assert all(reason["text"].endswith(".") for reason in reasons)
    entities = [entity for alert in alone for entity in alert["entities"]]
    return Shape(
        family=joined({alert["family"] for alert in alone}),
        subjects=joined({alert["subject"]["kind"] for alert in alone}),
        actions=joined({alert["recommended_action"] for alert in alone if "recommended_action" in alert}),
        entities=joined({":".join(filter(None, (one["kind"], one.get("role")))) for one in entities}),
        lacking=joined(lacking),
        observed=joined({name for reason in reasons for name in names(reason["observed"])}),
        expected=joined({name for reason in reasons for name in names(reason["expected"])}),
    )


@pytest.mark.parametrize("slug", list(RULES))
def test_rule_tells_its_reasons_in_these_terms_and_never_fails(slug: str) -> None:
    assert shape(slug) == SHAPES.get(slug)
