"""A client library whose broker is away says so many times a second: a filter that lets through what is new."""

import logging
import time
from collections.abc import Callable, Iterable

__all__ = ["Repeats"]

_EVERY = 30.0


class Repeats(logging.Filter):
    """Passes the first warning of each message template, then one every 30 s with the count of those left out.

    A template is told apart by its first argument too if that is a number (a partition, a broker's id).

    >>> times = iter([0.0, 1.0, 2.0, 31.0])
    >>> repeats = Repeats(["aiokafka"], clock=lambda: next(times))
    >>> def say() -> str:
    ...     record = logging.LogRecord("aiokafka.conn", logging.ERROR, "", 0, "no broker at %s", ("here",), None)
    ...     return record.getMessage() if repeats.filter(record) else "-"
    >>> [say() for _ in range(4)]
    ['no broker at here', '-', '-', 'no broker at here (2 more like it left out)']
    """

    def __init__(self, loggers: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        """`loggers`: names of those it is for, with all below them."""
        super().__init__()
        self._loggers = tuple(f"{name}." for name in loggers)
        self._clock = clock
        self._seen: dict[tuple[str, int | None], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or not f"{record.name}.".startswith(self._loggers):
            return True
        number = record.args[0] if isinstance(record.args, tuple) and record.args else None
        key = (str(record.msg), number if isinstance(number, int) else None)
        now = self._clock()
        shown, left_out = self._seen.get(key, (float("-inf"), 0))
        if now - shown < _EVERY:
            self._seen[key] = shown, left_out + 1
            return False
        self._seen[key] = now, 0
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it left out)", ()
        return True
