"""OCSF findings against the framework's own schema, compiled by `ocsf-json-schema`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema  # type: ignore[import-untyped]

from sluicegate.cli.main import cli
from sluicegate.export.ocsf import CLASS_UID, OCSF_VERSION, finding
from sluicegate.wire.alerts import EntityKind, SubjectKind
from tests.unit.export.alerts import Json, made, variant, written


@cache
def framework() -> dict[str, Any]:
    schema: dict[str, Any] = get_ocsf_schema(version=OCSF_VERSION)
    return schema


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(OcsfJsonSchemaEmbedded(framework()).get_class_schema("detection_finding"))


def captions(attribute: str) -> dict[int, str]:
    enum = framework()["classes"]["detection_finding"]["attributes"][attribute]["enum"]
    return {int(number): one["caption"] for number, one in enum.items()}


def check(found: Json) -> None:
    validator().validate(found)
    for number, text in (
        ("severity_id", "severity"),
        ("status_id", "status"),
        ("activity_id", "activity_name"),
        ("type_uid", "type_name"),
    ):
        assert captions(number)[found[number]] == found[text]
    kinds = framework()["objects"]["observable"]["attributes"]["type_id"]["enum"]
    analytics = framework()["objects"]["analytic"]["attributes"]["type_id"]["enum"]
    for one in found["observables"]:
        assert one["type_id"] == 99 or kinds[str(one["type_id"])]["caption"] == one["type"]
    info = found["finding_info"]
    for one in (info["analytic"], *info.get("related_analytics", [])):
        assert analytics[str(one["type_id"])]["caption"] == one["type"]


def test_every_revision_of_the_story_is_a_finding() -> None:
    findings = [finding(event) for event in made()]
    for found in findings:
        check(found)
    assert [found["activity_id"] for found in findings] == [1, 2, 2, 3]
    assert [found["type_uid"] for found in findings] == [CLASS_UID * 100 + n for n in (1, 2, 2, 3)]
    assert [found["status_id"] for found in findings] == [1, 1, 1, 4]
    assert findings[-1]["status_detail"] == "false_positive"
    assert {found["finding_info"]["uid"] for found in findings} == {made()[0]["data"]["alert_id"]}
    assert [found["metadata"]["uid"] for found in findings] == [event["id"] for event in made()]


def test_schema_refuses_what_is_wrong() -> None:
    sound = finding(made()[0])
    for broken in (
        sound | {"severity_id": 9},
        sound | {"class_uid": 2005},
        sound | {"money": []},
        {key: value for key, value in sound.items() if key != "finding_info"},
        sound | {"metadata": sound["metadata"] | {"sequence": "1"}},
    ):
        assert not validator().is_valid(broken)


@pytest.mark.parametrize(("level", "number"), [("low", 2), ("medium", 3), ("high", 4), ("critical", 5)])
def test_severity(level: str, number: int) -> None:
    found = finding(variant(severity=level))
    check(found)
    assert found["severity_id"] == number


def test_values_of_later_versions_are_other() -> None:
    found = finding(variant(severity="grave", activity="merge", recommended_action="phone"))
    validator().validate(found)
    assert (found["severity_id"], found["severity"]) == (99, "grave")
    assert (found["activity_id"], found["type_uid"]) == (99, 200499)


@pytest.mark.parametrize(
    ("reason", "status"), [("expired", 5), ("benign", 4), ("explained_by_late_change", 4), ("error_not_fraud", 4)]
)
def test_status_of_a_closed_alert(reason: str, status: int) -> None:
    found = finding(variant(activity="close", close_reason=reason))
    check(found)
    assert found["status_id"] == status


def test_every_kind_of_entity_is_an_observable() -> None:
    kinds = {*SubjectKind.__args__, *EntityKind.__args__}  # type: ignore[attr-defined]
    entities = [{"kind": kind, "id": f"{kind}-1", "role": "old", "label": "A"} for kind in sorted(kinds)]
    found = finding(variant(entities=entities))
    check(found)
    assert {one["value"] for one in found["observables"]} >= {f"{kind}-1" for kind in kinds}


def test_money_stays_exact() -> None:
    sums = [{"value": "12345678901234567.123456789012345678", "currency": "ETH", "count": 3}]
    assert json.loads(json.dumps(finding(variant(money=sums))))["unmapped"]["money"] == sums


def test_command_writes_every_revision_without_names(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    done = CliRunner().invoke(cli, ["export", "ocsf", str(file)])
    assert done.exit_code == 0, done.output
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert [found["metadata"]["sequence"] for found in findings] == [1, 2, 3, 4]
    for found in findings:
        check(found)
    assert "Ana Example" not in done.stdout
    named = CliRunner().invoke(cli, ["export", "ocsf", str(file), "--personal-data"])
    assert "Ana Example" in named.stdout
    for line in named.stdout.splitlines():
        check(json.loads(line))


def test_follow_takes_no_file(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    for arguments in ([str(file), "--follow"], ["--follow", "--out", str(tmp_path / "o")]):
        assert CliRunner().invoke(cli, ["export", "ocsf", *arguments]).exit_code == 2
