"""One rule's fault is not the event's: it is reported, and the other rules go on."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from sluicegate.rules.base import Rule

T = TypeVar("T")


def guarded(rule: Rule, check: Callable[[], Iterable[T]], failed: Callable[[Rule, Exception], None]) -> list[T]:
    """What the check gives; nothing, and a word to `failed`, if its code fails."""
    try:
        return list(check())
    except Exception as fault:  # noqa: BLE001
        failed(rule, fault)
        return []
