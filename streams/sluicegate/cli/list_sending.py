"""Sends lists to Kafka, and remembers in the store what was sent where."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing

import msgspec

from sluicegate.cli.kafka import read_all, sender
from sluicegate.cli.list_progress import ListProgress
from sluicegate.errors import TopicMissingError
from sluicegate.lists.publish import Update, plan
from sluicegate.lists.store import Published, Store
from sluicegate.settings import Settings

__all__ = ["send_lists"]


class _Envelope(msgspec.Struct):
    tenantid: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def send_lists(
    store: Store, names: Iterable[str], settings: Settings, bars: ListProgress, *, tenant: str = "*", full: bool = False
) -> Iterator[tuple[str, Update | None]]:
    """Send what each list's topic and tenant do not have of it, all parts acknowledged; None where nothing is to send.

    The topic is known by the id that Kafka gave it: of one that was made anew nothing is believed to be held; nor
    where somebody else has sent the same list since. Raises BrokerAwayError, TopicMissingError, SnapshotDamagedError,
    ListRefused.
    """
    from sluicegate.topics import Admin, name_of

    topic = name_of("sanctions", settings)
    with closing(Admin(settings)) as admin:
        topic_id = str(admin.topic_id(topic) or "")
    if not topic_id:
        raise TopicMissingError(f"there is no topic {topic}")
    for name in names:
        with store.locked(name, bars.say):
            last = next((p for p in store.published(name) if (p.topic_id, p.tenant) == (topic_id, tenant)), None)
            again = full or (last is not None and _sent_by_others(settings, last, name))
            update = plan(store, name, last, time.time_ns() // 1000, tenant=tenant, full=again)
            if update is not None:
                with sender(settings) as out, bars.sending(name, len(update.events)) as sent:
                    for event in update.events:
                        out.send(topic, event, name.encode())
                        sent()
                place = topic, topic_id, settings.broker, tenant
                store.remember(name, Published(*place, update.version, update.published_at, out.ends))
        yield name, update


def _sent_by_others(settings: Settings, last: Published, name: str) -> bool:
    """Whether the topic has updates of the list, for the same tenant, after those that were sent from here."""
    for record in read_all(settings, last.topic, last.ends):
        if record.key == name.encode():
            try:
                if _ENVELOPE.decode(record.value or b"").tenantid == last.tenant:
                    return True
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # no event: it changed nothing
    return False
