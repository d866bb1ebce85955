"""The log of every process: lines for people or JSON, with an id for each event of ours, and never a person's data.

Our own calls name their event and its fields, `logger.info("...", extra=event("partition.open", partition=3))`; what
libraries say passes through the same format, from warnings up: their debug lines may hold whole records. Words of an
exception are shown only where they cannot repeat a record's; else its class and its place.

>>> told(TimeoutError("no answer")), told(ValueError("account 123"))
("TimeoutError('no answer')", 'ValueError')
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from types import TracebackType

from sluicegate.errors import SluicegateError, operator_action
from sluicegate.log.repeats import Repeats
from sluicegate.settings import Settings

__all__ = ["event", "report", "start", "told", "trace"]

_OURS = "sluicegate"
_KAFKA = ("aiokafka", "kafka")
_REPEATING = (*_KAFKA, "opentelemetry", "urllib3", "sluicegate.log.recovery", "sluicegate.log.writer")
# of these, and of what is raised within these, the words are about connections and code
_PLAIN_PACKAGES = frozenset({*_KAFKA, "faust", "mode", "asyncio", "aiohttp", "uvicorn", "opentelemetry", "requests"})
_PLAIN = (SluicegateError, OSError, ImportError, AttributeError, NameError, MemoryError)


def event(name: str, **fields: object) -> dict[str, object]:
    """`extra` of a log call: one of EVENTS, and what it is about: numbers, topics, names of ours."""
    return {"event": name, "fields": fields}


def start(settings: Settings, service: str) -> None:
    """Set the log of this process up, on standard error. `service` names the process in JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service) if settings.log_format == "json" else ConsoleFormatter())
    handler.addFilter(Repeats(_REPEATING))
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one.formatter, JsonFormatter | ConsoleFormatter)]:
        root.removeHandler(former)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(_OURS).setLevel(level)
    logging.getLogger("kafka").setLevel(logging.ERROR)  # what it warns of is said once by us
    logging.captureWarnings(capture=True)
    if settings.log_format == "json":
        sys.excepthook = _uncaught


def report(error: BaseException, label: str = "Error") -> None:
    """Say on standard error why a process or command ends, in the format of its log; `label` begins a plain line."""
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers):
        # its words tell the operator which thing is meant, so they are shown
        logging.getLogger(_OURS).critical("%s", error, extra=event("process.failed", error=error))
    else:
        sys.stderr.write(f"{label}: {error}\n{operator_action(error)}\n")
        sys.stderr.flush()


def told(error: BaseException) -> str:
    """Class and, where they cannot repeat a record's, words of an error."""
    return repr(error) if _plain(error) else type(error).__name__


def trace(error: BaseException) -> str:
    """Where an error came from, and what it is, with its causes, the first last; no words that may be a record's."""
    return "\ncaused by\n".join(_causes(error, set()))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, service, event, message, the event's fields, error, exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "service": self._service,
        }
        if name := getattr(record, "event", ""):
            line["event"] = name
        line["message"] = _message(record)
        line |= getattr(record, "fields", {})
        if error := _error(record):
            line["exception"] = trace(error)
            line.setdefault("error", error)
        if isinstance(reason := line.get("error"), BaseException):
            line["error"] = type(reason).__name__
            if action := operator_action(reason).removeprefix("Operator action: "):
                line["action"] = action
        return json.dumps(line, default=str)


class ConsoleFormatter(logging.Formatter):
    """Time, level, logger, message, and the event's id in brackets; an exception on the lines below."""

    def format(self, record: logging.LogRecord) -> str:
        name = getattr(record, "event", "")
        message = " | ".join(_message(record).splitlines())
        line = f"{_time(record)} {record.levelname} {record.name}: {message}{f' [{name}]' if name else ''}"
        return f"{line}\n{trace(error)}" if (error := _error(record)) else line


class _Told:
    """Stands for an error in a message."""

    def __init__(self, error: BaseException) -> None:
        self._class = type(error).__name__

    def __repr__(self) -> str:
        return self._class


def _time(record: logging.LogRecord) -> str:
    """UTC, ISO 8601, to the millisecond."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03}Z"


def _message(record: logging.LogRecord) -> str:
    """Its words; of asyncio's the first line, as the next ones hold an exception with its words.

    Libraries put errors into their messages, and so would tell the words of any.
    """
    if isinstance(record.args, tuple) and any(isinstance(one, BaseException) for one in record.args):
        safe = tuple(_Told(one) if isinstance(one, BaseException) and not _plain(one) else one for one in record.args)
        message = str(record.msg) % safe
    else:
        message = record.getMessage()
    return message.partition("\n")[0] if record.name == "asyncio" else message


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _plain(error: BaseException) -> bool:
    """Whether the words of an error are about code and connections."""
    if isinstance(error, _PLAIN) or type(error).__module__.partition(".")[0] == _OURS:
        return True
    raised_in = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        raised_in = frame.f_globals.get("__name__", "")
    return any(name.partition(".")[0] in _PLAIN_PACKAGES for name in (type(error).__module__, raised_in))


def _causes(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    yield f"{''.join(traceback.format_tb(error.__traceback__))}{told(error)}"
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for one in (*inner, cause):
        if one is not None and id(one) not in seen:
            yield from _causes(one, seen)


def _uncaught(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    words = "the process ends: %s"
    logging.getLogger(_OURS).critical(
        words, told(error), exc_info=(kind, error, place), extra=event("process.failed", error=error)
    )
