"""Policies on their topic: what was published for a tenant, which of it is in force, and the event that changes it."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from sluicegate.detection.policy import check_policy
from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.events import PolicyUpdate
from sluicegate.wire.framing import unframe
from sluicegate.wire.scalars import format_time

__all__ = ["SOURCE", "TOPIC", "History", "Published", "history_of", "policy_event"]

TOPIC = "policies"
SOURCE = "/sluicegate/policy"


class Published(NamedTuple):
    """A policy as it was published: the event that alerts name, its time in µs since 1970 UTC, and its place."""

    event_id: str
    time: int
    source: str
    update: PolicyUpdate


class History(NamedTuple):
    """Policies of a tenant in the order of the topic; the last one is in force. `refused`: updates that were not
    taken, which are dead letters."""

    policies: tuple[Published, ...]
    refused: int

    @property
    def in_force(self) -> Published | None:
        return self.policies[-1] if self.policies else None


def history_of(records: Iterable[Any], tenant: str) -> History:
    """What Kafka records of the topic say of the tenant, by the checks of intake and detection.

    `records`: in order within each partition; those of several partitions are put in order by their timestamps.
    """
    found: list[tuple[tuple[int, int, int], Published]] = []
    seen: set[tuple[str, str]] = set()
    latest: dict[int, int] = {}
    refused = 0
    for record in records:
        latest[record.partition] = max(latest.get(record.partition, 0), record.timestamp)
        value = unframe(record.value, record.headers)
        event = value if isinstance(value, Reject) else decode(value, topic=TOPIC, arrival_ms=record.timestamp)
        if isinstance(event, Reject):
            refused += not isinstance(value, Reject) and _tenant(value) == tenant
        elif event.tenant == tenant and isinstance(event.data, PolicyUpdate) and (event.source, event.id) not in seen:
            if check_policy(event.data) is None:
                seen.add((event.source, event.id))
                place = (latest[record.partition], record.partition, record.offset)
                found.append((place, Published(event.id, event.time, event.source, event.data)))
            else:
                refused += 1
    return History(tuple(one for _, one in sorted(found, key=lambda each: each[0])), refused)


class _Envelope(msgspec.Struct):
    tenantid: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def _tenant(value: bytes) -> str:
    try:
        return _ENVELOPE.decode(value).tenantid
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def policy_event(tenant: str, update: PolicyUpdate, now: int) -> tuple[str, bytes]:
    """Id and JSON of the event that makes the policy the tenant's from its place in the log on; `now` in µs.

    The id is made of tenant, policy and time: a retry of the same send is known and changes nothing, while an earlier
    policy that is published once more is a new event and takes effect again.
    """
    data = canonical(update)
    time = format_time(now)
    what = b"\0".join((tenant.encode(), time.encode(), data))
    event_id = f"policy-{hashlib.sha256(what).hexdigest()[:32]}"
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": "policy.update.v1",
        "time": time,
        "tenantid": tenant,
        "data": msgspec.Raw(data),
    }
    return event_id, canonical(envelope)
