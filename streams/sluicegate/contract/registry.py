"""The contract's schemas in a schema registry that speaks Confluent's interface (Confluent, Karapace, Apicurio).

One subject a topic, named by TopicNameStrategy (`<topic>-value`); the schema is that of structured mode, in JSON
Schema draft 07, which all of them know. All are looked at before any is written: either every one can be registered,
or none is.

Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import httpx

from sluicegate.contract.draft7 import draft_7
from sluicegate.errors import RegistryError
from sluicegate.settings import Settings
from sluicegate.topics import name_of
from sluicegate.wire.schema import BESIDE_TYPES, INPUT_TYPES, OUTPUT_TYPES, letter_schema, type_schema

__all__ = ["Outcome", "Registry", "Subject", "publish", "subjects"]

_ACCEPT = "application/vnd.schemaregistry.v1+json, application/json"
_ABSENT = (40401, 40402, 40403)
"""Error codes: no such subject, version, schema."""
_TOLD = 400
"""Characters of a registry's own words that are shown."""


@dataclass(frozen=True)
class Subject:
    """`name` in the registry; `schema` is its text, the same bytes for the same contract."""

    name: str
    schema: str


@dataclass(frozen=True)
class Outcome:
    """What became, or would become, of a subject."""

    subject: str
    what: Literal["unchanged", "new", "next", "refused"]
    """Registered already; the first version; a further one; incompatible with those there are."""
    id: int | None = None
    """Of the schema, where it is registered."""
    words: str = ""
    """Why it is refused."""


def subjects(settings: Settings) -> list[Subject]:
    """One for each topic that producers write or readers read, behind the deployment's topic prefix."""
    types = INPUT_TYPES | BESIDE_TYPES | OUTPUT_TYPES
    schemas = {kind.topic: type_schema(name) for name, kind in types.items()} | {"dead-letters": letter_schema()}
    return [
        Subject(f"{name_of(topic, settings)}-value", json.dumps(draft_7(schema), separators=(",", ":")))
        for topic, schema in schemas.items()
    ]


def publish(registry: "Registry", wanted: Iterable[Subject], *, dry_run: bool = False) -> Iterator[Outcome]:
    """Register what is not registered yet. If one schema is refused, none is registered. Raises RegistryError."""
    wanted = list(wanted)
    seen = [registry.look(subject) for subject in wanted]
    stopped = dry_run or any(outcome.what == "refused" for outcome in seen)
    for subject, outcome in zip(wanted, seen, strict=True):
        if stopped or outcome.what == "unchanged":
            yield outcome
        else:
            yield Outcome(subject.name, outcome.what, registry.register(subject))


class Registry:
    """A schema registry; blocking. Every method raises RegistryError, without what is secret in it."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        """`client` carries credentials and trust; its requests end after its own timeout."""
        self._url = url.rstrip("/")
        self._client = client

    def look(self, subject: Subject) -> Outcome:
        """Whether it is there, and if not, whether the registry would take it."""
        found = self._ask("POST", f"/subjects/{quote(subject.name, safe='')}", subject)
        if found is not None:
            return Outcome(subject.name, "unchanged", found.get("id"))
        if self._ask("GET", f"/subjects/{quote(subject.name, safe='')}/versions") in (None, []):
            return Outcome(subject.name, "new")
        path = f"/compatibility/subjects/{quote(subject.name, safe='')}/versions?verbose=true"
        verdict = self._ask("POST", path, subject)
        if verdict is None or verdict.get("is_compatible", True):
            return Outcome(subject.name, "next")
        words = "; ".join(map(str, verdict.get("messages", [])))[:_TOLD]
        return Outcome(subject.name, "refused", words=words or "not compatible with an earlier version")

    def register(self, subject: Subject) -> int:
        """Its id, the same where it is registered already."""
        found = self._ask("POST", f"/subjects/{quote(subject.name, safe='')}/versions", subject)
        if found is None or "id" not in found:
            raise RegistryError(f"{self._url} did not register {subject.name}: its answer has no id")
        return int(found["id"])

    def _ask(self, method: str, path: str, subject: Subject | None = None) -> Any:
        """The answer; None where there is no such subject, version or schema."""
        body = None if subject is None else {"schemaType": "JSON", "schema": subject.schema}
        try:
            answer = self._client.request(method, self._url + path, json=body, headers={"Accept": _ACCEPT})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RegistryError(f"no schema registry answers at {self._url}: {type(error).__name__}: {error}") from None
        told = _told(answer)
        if answer.status_code == 404 and isinstance(told, dict) and told.get("error_code") in _ABSENT:
            return None
        if answer.status_code in (401, 403):
            raise RegistryError(f"{self._url} refuses these credentials or their rights ({answer.status_code}) {path}")
        if answer.status_code != 200 or told is None:
            words = told.get("message", told) if isinstance(told, dict) else answer.reason_phrase
            raise RegistryError(f"{self._url} answers {answer.status_code} to {method} {path}: {str(words)[:_TOLD]}")
        return told


def _told(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
