"""What the example scenarios of each rule's page tell, word for word and number for number, beside files to read.

A change that is meant: `python -m tests.unit.rules.test_told [RULE …]` writes the files anew; read the difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from sluicegate.rules.registry import RULES
from tests.scenarios.build import Json, Reason, Tale
from tests.scenarios.register import scenarios

TOLD = Path(__file__).parent / "told"
OF_THE_REASON = ("score", "text", "observed", "expected", "event_ids")
OF_THE_ALERT = (
    "family",
    "severity",
    "title",
    "subject",
    "entities",
    "payment_ids",
    "money",
    "recommended_action",
    "not_evaluable",
    "counterfactual",
    "retroactive",
    "report_hints",
    "first_event_at",
    "last_event_at",
)


def told(slug: str) -> Json:
    """Scenario -> what the rule says in it; of the alert as a whole only where no other rule has a part in it."""
    examples: Json = {}
    for scenario in scenarios():
        if scenario.rule == slug and scenario.name in RULES[slug].fires:
            tale = Tale()
            scenario.tell(tale)
            played = tale.play()
            examples[scenario.name] = [_shown(one) for one in (*played.reasons(slug), *played.noted(slug))]
    return examples


def _shown(reason: Reason) -> Json:
    shown = {name: reason.told[name] for name in OF_THE_REASON}
    if len(reason.data["reasons"]) == 1:
        hints = reason.data.get("report_hints", {})
        alert = reason.data | {
            "not_evaluable": [test for test in reason.data.get("not_evaluable", ()) if test.startswith(reason.rule)],
            "report_hints": {name: hint for name, hint in hints.items() if hint},
        }
        shown |= {name: alert[name] for name in OF_THE_ALERT if alert.get(name)}
    return shown


@pytest.mark.parametrize("slug", list(RULES))
def test_examples_of_the_rule_read_as_in_its_file(slug: str) -> None:
    assert told(slug) == yaml.safe_load((TOLD / f"{slug}.yaml").read_text())


def test_every_file_is_of_a_rule() -> None:
    assert {file.stem for file in TOLD.glob("*.yaml")} == set(RULES)


def _write(slug: str) -> None:
    text = yaml.safe_dump(told(slug), sort_keys=False, default_flow_style=None, width=118, allow_unicode=True)
    (TOLD / f"{slug}.yaml").write_text(text)


if __name__ == "__main__":
    TOLD.mkdir(exist_ok=True)
    for name in sys.argv[1:] or RULES:
        _write(name)
