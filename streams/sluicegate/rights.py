"""Are the rights there that a component needs? Kafka tells a client what it may do; better at the start than at night.

Rights on transactional ids are not told: who lacks them learns it when a partition is opened.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from kafka.errors import KafkaError

from sluicegate.acls import Grant, grants
from sluicegate.errors import BrokerAwayError, BrokerRefusedError
from sluicegate.knock import who
from sluicegate.settings import Settings
from sluicegate.topics import Admin

__all__ = ["check_rights", "enter"]

_UNKNOWN_TOPIC, _FORBIDDEN_TOPIC = 3, 29


def enter(settings: Settings, component: str) -> None:
    """For a process that waits for Kafka to come, but not for a password or a right to come.

    Raises BrokerRefusedError, SettingsError. That no broker answers is none.
    """
    with suppress(BrokerAwayError), Admin(settings, timeout=3.0) as admin:
        check_rights(admin, component, settings)


def check_rights(admin: Admin, component: str, settings: Settings) -> None:
    """Raises BrokerRefusedError with every right that the component lacks, on topics that exist and on the group."""
    if settings.agents != "all":
        return  # half a worker does with half of the rights
    needed = grants(component, settings)
    lacking = [*_on_topics(admin, needed), *_on_groups(admin, needed)]
    if lacking:
        raise BrokerRefusedError(
            f"Kafka gives {who(settings)} not all that the {component} needs; lacking: {'; '.join(lacking)}"
        )


def _on_topics(admin: Admin, needed: Iterable[Grant]) -> list[str]:
    topics = {grant.name: grant.operations for grant in needed if grant.resource == "topic"}
    lacking = []
    for topic in admin.told(list(topics)):
        if topic["error_code"] == _FORBIDDEN_TOPIC:
            lacking.append(f"{', '.join(topics[topic['name']])} on topic {topic['name']}")
        elif topic["error_code"] != _UNKNOWN_TOPIC and (missing := _missing(topics[topic["name"]], topic)):
            lacking.append(f"{', '.join(missing)} on topic {topic['name']}")
    return sorted(lacking)


def _on_groups(admin: Admin, needed: Iterable[Grant]) -> list[str]:
    lacking = []
    for grant in needed:
        if grant.resource != "group":
            continue
        try:
            with admin.lock:
                told = admin.client.describe_groups([grant.name])[grant.name]
        except KafkaError as error:
            if admin.refusal(error) is None:
                continue  # a coordinator that is not there yet
            told = {"authorized_operations": []}
        if missing := _missing(grant.operations, told):
            lacking.append(f"{', '.join(missing)} on group {grant.name}")
    return lacking


def _missing(needed: Iterable[str], told: Mapping[str, Any]) -> list[str]:
    """Operations that are not among those Kafka tells of; none where it tells nothing."""
    held = told.get("authorized_operations")
    return (
        [] if held is None else [name for name in needed if name.upper() not in {one.replace("_", "") for one in held}]
    )
