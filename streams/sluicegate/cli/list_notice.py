"""Whether the stream was ever sent more than the built-in starter list."""

import msgspec

from sluicegate.cli.kafka import read_all
from sluicegate.errors import BrokerAwayError, BrokerRefusedError, TopicMissingError
from sluicegate.lists.notice import PARTIAL_ONLY, partial_only
from sluicegate.lists_shown import NO_LIST
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["list_notice"]


class _Part(msgspec.Struct):
    list: str
    part: int = 1
    parts: int = 1


class _Update(msgspec.Struct):
    data: _Part


_UPDATE = msgspec.json.Decoder(_Update)


def list_notice(settings: Settings) -> str:
    """What is to be said where alerts are watched; empty where a real list was sent, or where nothing can be known.

    Reads the topic of lists only as far as the first real list.
    """
    names = set()
    try:
        for record in read_all(settings, name_of("sanctions", settings)):
            try:
                sent = _UPDATE.decode(record.value or b"").data
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue  # no event: it changed nothing
            if sent.part == sent.parts:
                names.add(sent.list)
            if not partial_only(names):
                return ""
    except (TopicMissingError, BrokerAwayError, BrokerRefusedError):
        return ""
    return PARTIAL_ONLY if names else NO_LIST
