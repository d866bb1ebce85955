"""The rights of each component in Kafka, as a page to read and a script to run."""

from collections.abc import Iterator

from sluicegate.acls import COMPONENTS, Component, Grant, commands, grants
from sluicegate.settings import Settings

__all__ = ["pages"]

_NOTE = "Made by `sluicegate docs`; do not edit."
_INTRODUCTION = """\
# Rights in Kafka

Each component signs in as a user of its own and may do this and nothing else, with Kafka's `StandardAuthorizer` and
`allow.everyone.if.no.acl.found=false`. Names are those without prefix and with the app id `sluicegate`;
[acls.sh](acls.sh) gives the rights, also under another prefix or app id. Read and Write include Describe.

- `operator` makes the topics (`sluicegate topics create`); a worker only finds them made, and says so if it does not.
- Who writes needs no right on the cluster: since Kafka 2.8 Write on a topic allows an idempotent producer.
- A worker that counts across tenants apart (SLUICEGATE_OUTPUT_PREFIX) has its state and outputs under that prefix.
- A component that lacks a right on a topic or on the group says at its start which, and ends with status 1.
"""
_SCRIPT = """\
#!/bin/sh
# {note}
# Gives the components of Sluicegate, or those named, their rights in Kafka:
#   BROKER=kafka:9093 CONFIG=admin.properties ./acls.sh [COMPONENT…]
# CONFIG: properties of an admin who may Alter the cluster. PREFIX and APP as in SLUICEGATE_TOPIC_PREFIX and
# SLUICEGATE_APP_ID; USERS is put in front of the components' names to make their users'.
set -eu
: "${{BROKER:?host:port of Kafka}}" "${{CONFIG:?file of the admin\'s client properties}}"
PREFIX="${{PREFIX-}}" APP="${{APP-sluicegate}}" USERS="${{USERS-}}"

acl() {{
  "${{KAFKA_ACLS:-kafka-acls.sh}}" --bootstrap-server "$BROKER" --command-config "$CONFIG" --add "$@"
}}

"""


def pages() -> dict[str, str]:
    """File name -> text."""
    page = f"<!-- {_NOTE} -->\n" + "\n".join(_page()).rstrip() + "\n"
    return {"acls.md": page, "acls.sh": "\n".join(_script()) + "\n"}


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    for component in COMPONENTS:
        yield f"## {component.name}\n"
        yield f"{component.what[:1].upper()}{component.what[1:]}.\n"
        yield "| resource | name | operations | for |"
        yield "|---|---|---|---|"
        yield from (_row(grant) for grant in grants(component.name, Settings()))
        yield ""


def _row(grant: Grant) -> str:
    name = f"`{grant.name}`" + (" and what begins with it" if grant.pattern == "prefixed" else "")
    return f"| {grant.resource} | {name} | {', '.join(grant.operations)} | {grant.why} |"


def _script() -> Iterator[str]:
    yield _SCRIPT.format(note=_NOTE).rstrip("\n") + "\n"
    yield from (line for component in COMPONENTS for line in _function(component))
    names = " ".join(component.name for component in COMPONENTS)
    yield f'for component in "${{@:-{names}}}"; do'
    yield '  for one in $component; do "rights_of_$one"; done'
    yield "done"


def _function(component: Component) -> Iterator[str]:
    """A shell function; topic prefix and app id are put in where the names have them."""
    placed = Settings(topic_prefix="PREFIX.", app_id="APP")
    yield f"rights_of_{component.name}() {{"
    for line in commands(component.name, placed, f"User:${{USERS}}{component.name}"):
        yield f"  {line}".replace('"PREFIX.', '"${PREFIX}').replace('"APP', '"${APP}')
    yield "}\n"
