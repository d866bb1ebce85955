"""`sluicegate schema publish` over HTTP: against a registry in memory, and against a real one where REGISTRY names it.

A real one, Apicurio from Maven Central (160 MB, Java 21; too much for every run):

    curl -O https://repo.maven.apache.org/maven2/io/apicurio/apicurio-registry-app/3.3.3/\
apicurio-registry-app-3.3.3-all.tar.gz
    tar xzf apicurio-registry-app-3.3.3-all.tar.gz && java -Dquarkus.http.port=8123 -jar quarkus-run.jar
    REGISTRY=http://127.0.0.1:8123/apis/ccompat/v7 pytest tests/deploy/test_registry.py
"""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from sluicegate.cli.main import cli
from sluicegate.contract.examples import inputs, letter, outputs
from sluicegate.contract.registry import subjects
from sluicegate.settings import Settings
from sluicegate.wire.schema import BESIDE_TYPES, INPUT_TYPES, OUTPUT_TYPES
from tests.deploy.registries import Memory, memory

REAL = os.environ.get("REGISTRY", "")
TOPICS = {kind.topic for types in (INPUT_TYPES, BESIDE_TYPES, OUTPUT_TYPES) for kind in types.values()} | {
    "dead-letters"
}


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.skipif(not REAL, reason="no REGISTRY"))])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "real":
        yield REAL
        return
    with memory() as registry:
        yield registry.url


@pytest.fixture
def prefix() -> str:
    """Of subjects of this test's own."""
    return f"t{uuid.uuid4().hex[:8]}."


def publish(url: str, *arguments: object) -> Result:
    return CliRunner().invoke(cli, ["schema", "publish", "--registry", url, *map(str, arguments)])


def words(done: Result, prefix: str = "") -> dict[str, str]:
    """Topic -> what became of its schema."""
    rows = (line.removeprefix(prefix).partition("-value: ") for line in done.stdout.splitlines())
    return {topic: what.partition(" (id")[0].partition(":")[0] for topic, _, what in rows}


def test_subject_per_topic_by_name_strategy() -> None:
    names = [subject.name for subject in subjects(Settings(topic_prefix="eu."))]
    assert sorted(names) == sorted(f"eu.{topic}-value" for topic in TOPICS)


def test_schemas_are_of_the_draft_and_take_the_examples() -> None:
    told = inputs() | outputs()
    types = INPUT_TYPES | BESIDE_TYPES | OUTPUT_TYPES
    for subject in subjects(Settings()):
        schema = json.loads(subject.schema)
        Draft7Validator.check_schema(schema)
        assert "$defs" not in subject.schema
        sound = [told[name] for name, kind in types.items() if f"{kind.topic}-value" == subject.name] or [letter()]
        for example in sound:
            Draft7Validator(schema).validate(example)
            assert not Draft7Validator(schema).is_valid({**example, "data": [], "detail": []})


def test_all_are_registered_once(url: str, prefix: str) -> None:
    first = publish(url, "--topic-prefix", prefix)
    assert first.exit_code == 0, first.output
    assert words(first, prefix) == dict.fromkeys(TOPICS, "new")
    again = publish(url, "--topic-prefix", prefix)
    assert again.exit_code == 0
    assert words(again, prefix) == dict.fromkeys(TOPICS, "is there")
    assert [line.partition("(")[2] for line in again.stdout.splitlines()] == [
        line.partition("(")[2] for line in first.stdout.splitlines()
    ]
    for subject in subjects(Settings(topic_prefix=prefix)):
        found = httpx.post(f"{url}/subjects/{subject.name}", json={"schemaType": "JSON", "schema": subject.schema})
        assert found.status_code == 200


def test_dry_run_registers_nothing(url: str, prefix: str) -> None:
    for _ in range(2):
        done = publish(url, "--topic-prefix", prefix, "--dry-run")
        assert done.exit_code == 0, done.output
        assert words(done, prefix) == dict.fromkeys(TOPICS, "new")


@pytest.mark.parametrize("required", [True, False], ids=["refused", "next"])
def test_further_version_is_checked_first(url: str, prefix: str, *, required: bool) -> None:
    """What is there asks for less than ours does, or for more: then ours cannot follow, or can."""
    own = next(subject for subject in subjects(Settings(topic_prefix=prefix)) if "alerts" in subject.name)
    schema = json.loads(own.schema)
    if required:
        schema["required"].remove("subject")
    else:
        schema["required"].append("traceparent")
        schema["properties"]["traceparent"] = {"type": "string"}
    if url == REAL:
        level = {"compatibility": "BACKWARD"}
        assert httpx.put(f"{url}/config/{own.name}", json=level).status_code in (200, 404)
    body = {"schemaType": "JSON", "schema": json.dumps(schema)}
    assert httpx.post(f"{url}/subjects/{own.name}/versions", json=body).status_code == 200
    if url == REAL:
        assert httpx.put(f"{url}/config/{own.name}", json=level).status_code == 200
    done = publish(url, "--topic-prefix", prefix)
    told = words(done, prefix)
    if required:
        assert done.exit_code == 1
        assert told["alerts"] == "refused"
        assert "1 schema is not compatible" in done.stderr
        assert httpx.get(f"{url}/subjects/{prefix}signals-value/versions").status_code == 404
    else:
        assert done.exit_code == 0, done.output
        assert told["alerts"] == "new version"


def test_credentials_are_sent_and_never_shown(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("hunter2\n")
    with memory("ann:hunter2") as registry:
        assert publish(registry.url, "--user", "ann", "--password-file", password).exit_code == 0
        password.write_text("wrong-word")
        for arguments in ((), ("--user", "ann", "--password-file", password)):
            done = CliRunner().invoke(cli, ["schema", "publish", "--registry", registry.url, *map(str, arguments)])
            assert done.exit_code == 1
            assert "refuses these credentials" in str(done.exception)
            assert "wrong-word" not in done.output + str(done.exception)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ((500, b'{"error_code": 50001, "message": "Error in the backend data store"}'), "Error in the backend"),
        ((404, b"<html>nothing here"), "answers 404"),
        ((200, b"<html>welcome"), "answers 200"),
        ((422, b'{"error_code": 42201, "message": "Invalid schema"}'), "Invalid schema"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else None,
)
def test_fault_of_the_registry_is_told(fault: tuple[int, bytes], told: str) -> None:
    with memory() as registry:
        registry.fault = fault
        done = publish(registry.url)
        assert done.exit_code == 1
        assert told in str(done.exception)
        assert len(registry.asked) == 1


def test_unusable_arguments_are_refused(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("word")
    for arguments, told in (
        (("http://registry.example.com", "--user", "ann", "--password-file", password), "must begin with https://"),
        (("https://registry.example.com", "--user", "ann"), "go together"),
        (("https://ann:word@registry.example.com",), "holds a user"),
        (("http://127.0.0.1:1", "--user", "ann", "--password-file", tmp_path / "absent"), "cannot read"),
        (("http://127.0.0.1:1", "--ca-file", tmp_path / "absent"), "cannot read"),
    ):
        done = publish(*map(str, arguments))
        assert done.exit_code == 2
        assert told in done.stderr


def test_registry_that_is_away_is_told() -> None:
    done = publish("http://127.0.0.1:1")
    assert "no schema registry answers at http://127.0.0.1:1" in str(done.exception)


def test_nothing_is_asked_of_the_registry_beyond_its_interface() -> None:
    with memory() as registry:
        publish(registry.url)
        assert {line.split("/")[0] for line in registry.asked} == {"POST subjects", "GET subjects"}
        assert isinstance(registry, Memory)
