"""What each component may do in Kafka, and nothing more. Written down once: pages, commands and users are made of it.

A right on a topic is per topic of the contract, under the deployment's prefixes. Nobody but `operator` makes topics: a
worker finds them made. Kafka lets who may Read or Write also Describe.

>>> [grant.name for grant in grants("console", Settings(topic_prefix="eu.")) if "Write" in grant.operations]
['eu.dispositions']
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from sluicegate.settings import Settings
from sluicegate.topics import (
    COUNTS,
    LOG,
    OUTPUTS,
    RUNS,
    SHARED_STATE,
    SIGHTINGS,
    SOURCES,
    STATE,
    name_of,
)

__all__ = ["COMPONENTS", "Component", "Grant", "bindings", "commands", "grants"]

Resource = Literal["topic", "group", "transactional-id", "cluster"]
Pattern = Literal["literal", "prefixed"]


class Grant(NamedTuple):
    """Operations on a resource, as Kafka names them."""

    resource: Resource
    name: str
    operations: tuple[str, ...]
    pattern: Pattern = "literal"
    why: str = ""


class _Right(NamedTuple):
    """Operations on topics of the contract."""

    topics: tuple[str, ...]
    operations: tuple[str, ...]
    why: str


class Component(NamedTuple):
    """Who connects with rights of its own."""

    name: str
    what: str
    rights: tuple[_Right, ...]
    group: tuple[str, ...] = ()
    """Operations on the workers' consumer group."""
    own_group: str = ""
    """Its own consumer group, behind the topic prefix."""
    transactions: bool = False
    """Whether it writes under the workers' transactional ids."""


_READ, _WRITE = ("Read",), ("Write",)
_EVERY = (*SOURCES, RUNS, LOG, STATE, SHARED_STATE, *OUTPUTS)
_JOURNALS = (LOG, STATE, SIGHTINGS, SHARED_STATE)
_PRODUCED = tuple(topic for topic in SOURCES if topic not in ("policies", "sanctions", "dispositions"))

COMPONENTS = (
    Component(
        "worker",
        "`sluicegate worker`",
        (
            _Right((*SOURCES, COUNTS), _READ, "intake"),
            _Right((RUNS,), ("Describe",), "that it is there; it is for the gateway"),
            _Right((LOG,), ("Read", "Write", "DescribeConfigs"), "intake writes the log, detection reads it"),
            _Right((STATE, SHARED_STATE), ("Read", "Write", "DescribeConfigs"), "state"),
            _Right((SIGHTINGS,), ("Read", "Write", "DescribeConfigs"), "what is counted across tenants"),
            _Right(tuple(topic for topic in OUTPUTS if topic != SIGHTINGS), _WRITE, "what detection says"),
            _Right(("sanctions",), _WRITE, "the starter list; without it set SLUICEGATE_STARTER_LIST=false"),
        ),
        group=("Read",),
        transactions=True,
    ),
    Component(
        "console",
        "`sluicegate console serve`",
        (
            _Right(("alerts", "signals", "sanctions", LOG), _READ, "queue, history and raw events"),
            _Right(("dispositions",), _WRITE, "verdicts"),
        ),
    ),
    Component(
        "gateway",
        "`sluicegate gateway serve`",
        (
            _Right((*_PRODUCED, "policies", "dispositions"), _WRITE, "events"),
            _Right((RUNS,), ("Read", "Write"), "what runs are to hold"),
            _Right(("decisions", "policies"), _READ, "the clearance of runs"),
        ),
    ),
    Component(
        "notify",
        "`sluicegate notify run`",
        (_Right(("alerts",), _READ, "what is told"),),
    ),
    Component(
        "importer",
        "`sluicegate import --send`, `watch-folder`",
        (
            _Right(("payroll-payments", "vendor-payments", "payment-status"), _WRITE, "what files hold"),
            _Right(("dead-letters",), _WRITE, "what of them cannot be used"),
            _Right((RUNS,), _WRITE, "what runs are to hold; not with --no-announce"),
        ),
    ),
    Component(
        "producer",
        "the systems that send events; `sluicegate send`",
        (_Right(_PRODUCED, _WRITE, "events"),),
    ),
    Component(
        "lists",
        "`sluicegate lists publish`, `lists update --publish`",
        (_Right(("sanctions",), ("Read", "Write"), "what is there already, and what is new"),),
    ),
    Component(
        "policies",
        "`sluicegate policy publish`",
        (_Right(("policies",), ("Read", "Write"), "what is in force, and what is to be"),),
    ),
    Component(
        "reader",
        "readers of what is detected: case systems; `sluicegate watch`",
        (
            _Right(("alerts", "decisions", "signals", "dead-letters"), _READ, "outputs"),
            _Right(("sanctions",), _READ, "whether lists are partial, which `watch` says"),
        ),
    ),
    Component(
        "exporter",
        "`sluicegate export alerts`, `export ocsf --follow`",
        (
            _Right(("alerts",), _READ, "what is exported"),
            _Right(("ocsf",), _WRITE, "where findings go; made beforehand, by whoever may"),
        ),
        own_group="sluicegate-ocsf",
    ),
    Component(
        "lag",
        "`sluicegate lag`",
        (_Right((*SOURCES, COUNTS, *_JOURNALS), _READ, "ends, timestamps, progress"),),
        group=("Describe",),
    ),
    Component(
        "canary",
        "`sluicegate canary`",
        (
            _Right(("vendor-payments", "policies", "dispositions"), _WRITE, "its payments, policy and verdicts"),
            _Right(("alerts",), _READ, "its alert"),
        ),
    ),
    Component(
        "operator",
        "people who make topics, check, export, replay, warm up and send dead letters again",
        (
            _Right(_EVERY, ("Create", "Read", "Describe", "DescribeConfigs"), "topics, log, verify, watch"),
            _Right((*SOURCES, LOG), _WRITE, "redrive, warm, lists, policies"),
        ),
        group=("Describe",),
    ),
)
"""By name: those that run all the time, and the others as their title says."""


def component(name: str) -> Component:
    """The component of this name."""
    return next(one for one in COMPONENTS if one.name == name)


def grants(name: str, settings: Settings) -> list[Grant]:
    """Rights of a component under a deployment's prefixes and app id, a line for each resource."""
    own = component(name)
    merged: dict[str, tuple[list[str], list[str]]] = {}
    for right in own.rights:
        for topic in right.topics:
            operations, whys = merged.setdefault(name_of(topic, settings), ([], []))
            operations += [operation for operation in right.operations if operation not in operations]
            whys.append(right.why)
    found = [
        Grant("topic", topic, tuple(operations), why="; ".join(dict.fromkeys(whys)))
        for topic, (operations, whys) in merged.items()
    ]
    if own.group:
        found.append(Grant("group", settings.app_id, own.group, why="the workers' group"))
    if own.own_group:
        found.append(Grant("group", f"{settings.topic_prefix}{own.own_group}", ("Read",), why="its own group"))
    if own.transactions:
        ids = ("Describe", "Write")
        found.append(Grant("transactional-id", f"{settings.app_id}-", ids, "prefixed", "a producer per partition"))
        found.append(Grant("transactional-id", f"{settings.app_id}/shared-", ids, "prefixed", "counts across tenants"))
    return found


def commands(name: str, settings: Settings, principal: str) -> Iterator[str]:
    """Lines of kafka-acls.sh that give a component its rights; shell variables hold the broker and its credentials.

    >>> next(commands("canary", Settings(), "User:canary"))
    'acl --allow-principal "User:canary" --operation Write --topic "vendor-payments"'
    """
    for grant in grants(name, settings):
        operations = " ".join(f"--operation {operation}" for operation in grant.operations)
        pattern = " --resource-pattern-type prefixed" if grant.pattern == "prefixed" else ""
        yield f'acl --allow-principal "{principal}" {operations} --{grant.resource} "{grant.name}"{pattern}'


def bindings(principal: str, given: Iterable[Grant]) -> Iterator[Any]:
    """The grants as kafka-python's ACL objects."""
    from kafka.admin import (
        ACL,
        ACLOperation,
        ACLPermissionType,
        ACLResourcePatternType,
        ResourcePattern,
        ResourceType,
    )

    operations = {operation.name.replace("_", ""): operation for operation in ACLOperation}
    for grant in given:
        pattern = ResourcePattern(
            ResourceType[grant.resource.upper().replace("-", "_")],
            grant.name,
            ACLResourcePatternType[grant.pattern.upper()],
        )
        for operation in grant.operations:
            yield ACL(principal, "*", operations[operation.upper()], ACLPermissionType.ALLOW, pattern)
