"""The same checks for every rule that discovery finds: scenarios, documentation, parameters, purity, findings."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from sluicegate.cli.rule_page import page
from sluicegate.detection import step
from sluicegate.detection.codec import RECORDS
from sluicegate.detection.state import State
from sluicegate.detection.view import View
from sluicegate.replay import Replay
from sluicegate.rules.base import CLAUSES, FAMILIES, Finding, NotEvaluable, Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.scalars import RuleSlug
from tests.scenarios.build import Played, Tale, play
from tests.scenarios.register import Scenario, false_positives, scenarios

ALL = scenarios()
SCENARIO = pytest.mark.parametrize("scenario", ALL, ids=lambda s: f"{s.rule}: {s.name}")
RULE = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
UNITS = {"days", "hours", "count", "points", "ratio", "share", "base currency", "codes"}
NO_FALSE_POSITIVE = ("none known", "practically none")
SECTIONS = ("Evidence", "False positives", "Next step")


def told(scenario: Scenario) -> Tale:
    tale = Tale()
    scenario.tell(tale)
    return tale


# scenarios


@SCENARIO
def test_scenario_gives_what_it_says(scenario: Scenario) -> None:
    played = told(scenario).play()
    assert played.letters == []
    assert played.score(scenario.rule) == scenario.score
    noted = max((one.score for one in played.noted(scenario.rule)), default=None)
    if scenario.noted is not None:
        assert noted == scenario.noted


@RULE
def test_scenarios_that_the_rule_names_exist(rule: Rule) -> None:
    fires = {s.name for s in ALL if s.rule == rule.slug and s.fires}
    silent = {s.name for s in ALL if s.rule == rule.slug and not s.fires}
    assert len(set(rule.fires)) >= 2
    assert len(set(rule.silent)) >= 2
    assert set(rule.fires) <= fires
    assert set(rule.silent) <= silent


@RULE
def test_each_false_positive_that_the_rule_names_has_a_scenario(rule: Rule) -> None:
    """The words are those of the docstring, and none of its items is left out, but for what stands in brackets."""
    text = page(rule).false_positives
    plain = re.sub(r"\([^)]*\)", lambda found: " " * len(found[0]), text)
    told = false_positives(rule.slug)
    assert set(told.values()) <= {s.name for s in ALL if s.rule == rule.slug}
    spans = [(plain.index(words), plain.index(words) + len(words)) for words in told]
    for item in re.finditer(r"[^;,.:]*\w[^;,.:]*", plain):
        if item[0].strip() not in NO_FALSE_POSITIVE:
            assert any(start < item.end() and item.start() < end for start, end in spans), item[0]


def test_every_scenario_is_of_a_rule() -> None:
    assert {s.rule for s in ALL} == set(RULES)


# documentation and parameters


def test_every_module_of_a_rule_is_found() -> None:
    """A module that defines a rule and is not discovered would pass every check by not running."""
    files = Path(inspect.getfile(Rule)).parent.glob("*.py")
    defining = {file.stem.replace("_", "-") for file in files if "\nRULE = Rule(" in file.read_text()}
    assert set(RULES) == defining
    assert set(RULES) <= set(get_args(RuleSlug))


@RULE
def test_docstring_gives_reason_evidence_false_positives_and_next_step(rule: Rule) -> None:
    text = inspect.getdoc(_module(rule)) or ""
    reason, *_ = text.split("\n\n")
    assert reason.endswith(".")
    for section in SECTIONS:
        (found,) = re.findall(rf"^{section}: (.*?)\.$", text, re.MULTILINE | re.DOTALL)
        assert len(found) > 10


@RULE
def test_facts_of_the_rule_are_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[ABCDSXQ][1-9]", rule.letter)
    assert rule.family in FAMILIES
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.version)
    assert rule.sources
    assert rule.on or rule.at_close
    assert set(rule.on) <= set(step.RULES_ON)
    assert {cls.KIND for cls in rule.reads} <= set(RECORDS)
    assert set(rule.clauses) <= set(CLAUSES)


def test_every_clause_of_false_pretenses_has_rules() -> None:
    assert {clause for rule in RULES.values() for clause in rule.clauses} == set(CLAUSES)


@pytest.mark.realdata
def test_clauses_are_those_of_the_catalogue(shared: Path) -> None:
    told = (shared / "contract" / "rules.md").read_text().partition("\n## 9.")[2].partition("\n---")[0]
    named = [set(re.findall(r"\b[A-Z][0-9]\b", part)) for part in re.split(r"\([abc]\)", told)[1:]]
    assert named == [{rule.letter for rule in RULES.values() if clause in rule.clauses} for clause in CLAUSES]


@RULE
def test_parameters_have_description_unit_and_a_default_within_bounds(rule: Rule) -> None:
    schema = msgspec.json.schema(rule.params)["$defs"][rule.params.__name__]
    for field in msgspec.structs.fields(rule.params):
        meta = schema["properties"][field.encode_name]
        assert len(meta["description"]) > 10, field.name
        assert not field.required, field.name
        assert _units(field.type) <= UNITS, field.name
        assert _units(field.type), field.name
    defaults = json.loads(msgspec.json.encode(rule.params()))
    assert msgspec.convert(defaults, rule.params) == rule.params()


def _units(kind: Any) -> set[str]:
    """The units that stand in the annotations of a field."""
    metas = [arg.extra or {} for arg in get_args(kind) if isinstance(arg, msgspec.Meta)]
    found = {extra["unit"] for extra in metas if "unit" in extra}
    return found.union(*(_units(arg) for arg in get_args(kind)))


@RULE
@pytest.mark.realdata
def test_parameters_are_those_of_the_catalogue(rule: Rule, shared: Path) -> None:
    assert dict(_catalogue(shared))[rule.slug] == {field.name for field in msgspec.structs.fields(rule.params)}


def _catalogue(shared: Path) -> Iterator[tuple[str, set[str]]]:
    """(slug, parameter names) of the table in section 10."""
    table = (shared / "contract" / "rules.md").read_text().partition("\n## 10.")[2]
    for slugs, cell in re.findall(r"^\| ([a-z, -]+) \| (.+) \|$", table, re.MULTILINE):
        plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", cell)
        names = {word.split()[0] for word in plain.split(",") if word.split()} - {"none"}
        for slug in slugs.split(", "):
            yield slug, names


@RULE
def test_every_parameter_is_read(rule: Rule) -> None:
    """A parameter that nothing reads could be set and would do nothing."""
    fields = {field.name for field in msgspec.structs.fields(rule.params)}
    assert fields - _read(ast.parse(inspect.getsource(_module(rule)))) <= _read_by_detection(rule)


def _read(tree: ast.AST) -> set[str]:
    """Names n that code reads as `params.n`."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "params"}


def _read_by_detection(rule: Rule) -> set[str]:
    """What detection itself asks for: as `policy.param(slug, name)`, or with the rule's own `Params`."""
    found: set[str] = set()
    for file in Path(inspect.getfile(step)).parent.glob("*.py"):
        source = file.read_text()
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "param":
                slug, name = node.args
                if not isinstance(slug, ast.Constant) or slug.value == rule.slug:
                    found.add(ast.literal_eval(name))
        if rule.slug.replace("-", "_") in source:
            found |= _read(tree)
    return found


def _module(rule: Rule) -> Any:
    return sys.modules[rule.params.__module__]


# behaviour: every check of every scenario, watched


class Watched(msgspec.Struct):
    """One call of a rule's check: what it gave, which kinds it read, whether the state was another after it."""

    rule: str
    results: list[Finding | NotEvaluable]
    reads: set[str]
    changed: bool


@pytest.fixture(scope="module")
def watched() -> list[Watched]:
    """Every check that the scenarios cause."""
    seen: list[Watched] = []

    def watch(rule: Rule) -> Rule:
        def wrap(check: Any) -> Any:
            def check_and_note(view: View, params: Any) -> list[Any]:
                state: State = view.state
                before = state.changes()
                state.reads = set()
                try:
                    results = list(check(view, params))
                finally:
                    reads, state.reads = state.reads, None
                seen.append(Watched(rule.slug, results, reads, state.changes() != before))
                return results

            return check_and_note

        def wrap_timed(check: Any) -> Any:
            def check_and_note(view: Any, params: Any) -> list[Any]:
                before = _held(view)
                results = list(check(view, params))
                seen.append(Watched(rule.slug, results, set(), _held(view) != before))
                return results

            return check and check_and_note

        return msgspec.structs.replace(
            rule,
            on={kind: wrap(check) for kind, check in rule.on.items()},
            at_close=wrap_timed(rule.at_close),
            at_recheck=wrap_timed(rule.at_recheck),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, "RULES_ON", {kind: tuple(map(watch, rules)) for kind, rules in step.RULES_ON.items()})
        for timed in ("RULES_AT_CLOSE", "RULES_AT_RECHECK"):
            patch.setattr(step, timed, tuple(map(watch, getattr(step, timed))))
        for scenario in ALL:
            if scenario.rule != "unusual-payment":  # hundreds of like events each, and its checks run in all others too
                told(scenario).play()
    return seen


def _held(view: Any) -> list[bytes]:
    """What a rule that a timer starts is shown of the records."""
    parts = [part for part in msgspec.structs.astuple(view) if isinstance(part, msgspec.Struct | list)]
    return [msgspec.msgpack.encode(part, enc_hook=int) for part in parts]


@RULE
def test_check_reads_only_what_it_declares(rule: Rule, watched: list[Watched]) -> None:
    reads = set().union(*(one.reads for one in watched if one.rule == rule.slug))
    assert reads <= {cls.KIND for cls in rule.reads}


@RULE
def test_check_changes_nothing(rule: Rule, watched: list[Watched]) -> None:
    mine = [one for one in watched if one.rule == rule.slug]
    assert mine
    assert not any(one.changed for one in mine)


@RULE
def test_findings_are_well_formed(rule: Rule, watched: list[Watched]) -> None:
    for one in watched:
        for found in one.results if one.rule == rule.slug else ():
            if isinstance(found, NotEvaluable):
                assert re.fullmatch(r"[a-z_.]+", found.field)
                continue
            assert 0 <= found.score <= 100
            assert found.subject[1]
            assert 0 < len(found.title) <= 300
            assert found.text.endswith(".")
            assert found.observed
            assert found.expected
            assert found.notice or found.counterfactual.endswith(".")
            assert found.action in ("block_per_policy", "hold", "verify_callback", "review", "none")


def test_alerts_tell_reasons_with_evidence_and_sources() -> None:
    for scenario in ALL:
        if scenario.fires and scenario.rule != "unusual-payment":
            for reason in told(scenario).play().reasons(scenario.rule):
                assert reason.told["sources"] == list(RULES[scenario.rule].sources)
                assert reason.told["event_ids"]
                assert reason.data["counterfactual"]


def _fails(view: View, params: Any) -> list[Finding]:
    raise ZeroDivisionError("a fault inside a rule")


@RULE
def test_rule_that_fails_is_not_evaluable_and_the_others_go_on(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = next(s for s in ALL if (s.fires and s.rule == rule.slug and s.rule != "unusual-payment") or s.fires)
    tale = told(scenario)
    untroubled = tale.play()
    failing = next(
        slug for slug in RULES if slug != scenario.rule and set(RULES[slug].on) & set(RULES[scenario.rule].on)
    )
    troubled = _play_with_failing(failing, tale, monkeypatch)
    assert troubled.letters == []
    assert troubled.score(scenario.rule) == untroubled.score(scenario.rule)
    assert troubled.reasons(failing) == []
    assert any(f"{failing}: internal_error" in alert["not_evaluable"] for alert in troubled.alerts)
    assert isinstance(troubled.replay, Replay)
    assert troubled.replay.tallies["rule_error", failing, "ZeroDivisionError"] > 0
    assert isinstance(troubled.replay.faults[0], ZeroDivisionError)


def _play_with_failing(slug: str, tale: Tale, monkeypatch: pytest.MonkeyPatch) -> Played:
    def failing(rule: Rule) -> Rule:
        return rule if rule.slug != slug else msgspec.structs.replace(rule, on=dict.fromkeys(rule.on, _fails))

    monkeypatch.setattr(step, "RULES_ON", {kind: tuple(map(failing, rules)) for kind, rules in step.RULES_ON.items()})
    return play(tale.lines)
