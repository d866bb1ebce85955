"""What goes to an endpoint without names: over every rule's scenarios none of a payee's or user's is left."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sluicegate.notify.names import bare
from sluicegate.notify.sample import sample
from tests.scenarios.build import Tale
from tests.scenarios.register import scenarios

_NAMES = {"name", "legal_name", "holder_name"}


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _NAMES and isinstance(inner, str):
                yield inner
            else:
                yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def words(parts: Iterator[str]) -> set[str]:
    return {word for part in parts for word in re.findall(r"\w{3,}", part.casefold())}


def test_no_word_of_a_name_is_left_in_any_alert_of_the_scenarios() -> None:
    alerts = held = 0
    for scenario in scenarios():
        tale = Tale()
        scenario.tell(tale)
        lists = [event["data"] for event in tale.events if event["type"].startswith("sanctions")]
        others = [event["data"] for event in tale.events if not event["type"].startswith("sanctions")]
        own = words(names(others)) - words(texts(lists))
        for event in tale.play().topic("alerts"):
            alerts += 1
            held += bool(own & words(texts(event["data"])))
            assert own & words(texts(bare(event)["data"])) == set(), scenario.rule
    assert (alerts, held) > (500, 20)


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Li", "Li is paid; Lima is not", "[name] is paid; Lima is not"),
        ("Ann (Carter)", "to ann (carter).", "to [name]."),
        ("Zoë", "ZOË and Zoe", "[name] and Zoe"),
        (" ", "nobody", "nobody"),
    ],
)
def test_a_name_is_covered_as_whole_words_in_any_case(name: str, text: str, left: str) -> None:
    event = sample()
    event["data"]["subject"]["display"] = name
    event["data"]["reasons"][0] |= {"text": text, "observed": {"seen": [text]}, "expected": {"not": text}}
    reason = bare(event)["data"]["reasons"][0]
    assert (reason["text"], reason["observed"], reason["expected"]) == (left, {"seen": [left]}, {"not": left})


def test_listed_names_stay_and_everything_else_is_as_it_was() -> None:
    event = sample()
    seen = {"name": "vitaly andreyev", "listed_name": "VITALIY ANDREYEV", "aligned": "vitaly ~ vitaliy 90 %"}
    event["data"]["title"] = "A payee's name agrees with the listed VITALIY ANDREYEV"
    event["data"]["entities"].append({"kind": "list_entry", "id": "1", "label": "VITALIY ANDREYEV"})
    event["data"]["reasons"][0] |= {"text": "Strong match: vitaly ~ vitaliy 90 %.", "observed": seen}
    before = copy.deepcopy(event)
    left = bare(event)
    assert event == before
    assert left["data"]["reasons"][0]["observed"] == {"listed_name": "VITALIY ANDREYEV"}
    assert left["data"]["reasons"][0]["text"] == "Strong match: [name]."
    left["data"]["reasons"] = before["data"]["reasons"]
    left["data"]["subject"]["display"] = "Test Payee"
    assert json.dumps(left) == json.dumps(before)
