"""Lines of the log: their form, what they leave out, and the closed list of their events."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.util import commit_structure_validate

from sluicegate.cli.reference import pages
from sluicegate.errors import LogReplacedError
from sluicegate.log_events import EVENTS
from sluicegate.logs import ConsoleFormatter, JsonFormatter, event, told, trace

STREAMS = Path(__file__).parents[3] / "streams" / "sluicegate"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
RESERVED = {"time", "level", "logger", "service", "event", "message", "exception", "action"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(STREAMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(STREAMS)}:{node.lineno}", node


def is_log_call(call: ast.Call) -> bool:
    """`logger.warning(...)` and `logging.getLogger(...).warning(...)`."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS:
        return False
    of = ast.unparse(function.value)
    return of == "logger" or of.startswith("logging.")


def is_event(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    return name in ("event", "logs.event") and bool(call.args) and isinstance(call.args[0], ast.Constant)


def record(message: str, *args: object, level: int = logging.WARNING, name: str = "sluicegate.x", **extra: Any) -> Any:
    made = logging.LogRecord(name, level, __file__, 1, message, args, extra.pop("exc_info", None))
    made.created, made.msecs = 1_700_000_000.25, 250.0
    vars(made).update(extra)
    return made


def line(*args: Any, **extra: Any) -> dict[str, Any]:
    text = JsonFormatter("worker").format(record(*args, **extra))
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def raised(error: BaseException) -> Any:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught._excinfo


# -- the list of events ------------------------------------------------------------------------------------------------


def test_every_call_of_ours_names_its_event() -> None:
    nameless = [where for where, call in calls() if is_log_call(call) and "extra" not in {k.arg for k in call.keywords}]
    assert nameless == []


def test_events_named_are_those_of_the_list() -> None:
    named = {ast.literal_eval(call.args[0]) for _, call in calls() if is_event(call)}
    assert named == set(EVENTS)


def test_no_field_of_an_event_hides_a_field_of_the_line() -> None:
    fields = {keyword.arg for _, call in calls() if is_event(call) for keyword in call.keywords}
    assert fields & RESERVED == set()


def test_every_event_is_on_the_reference_page() -> None:
    page = pages()["logs.md"]
    assert [name for name in EVENTS if f"| `{name}` |" not in page] == []


# -- form --------------------------------------------------------------------------------------------------------------


def test_json_line_holds_time_event_message_and_fields() -> None:
    assert line("%s is open", "p", **event("partition.open", partition=3, offset=7)) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "warning",
        "logger": "sluicegate.x",
        "service": "worker",
        "event": "partition.open",
        "message": "p is open",
        "partition": 3,
        "offset": 7,
    }


def test_json_line_of_a_library_has_no_event() -> None:
    assert "event" not in line("x", name="aiokafka.conn")


def test_json_line_with_an_error_has_its_class_the_action_and_one_field_for_its_way() -> None:
    made = line("it ends", exc_info=raised(LogReplacedError("events was made anew")))
    assert made["error"] == "LogReplacedError"
    assert made["action"].startswith("bring the former log back")
    assert "test_log_lines.py" in made["exception"]
    assert made["exception"].endswith("LogReplacedError('events was made anew')")


def test_json_line_takes_any_text_and_any_field() -> None:
    made = line("half \ud800 and\nmore", **event("feed.away", why=Path("x"), topics={"a"}))
    assert made["message"] == "half \ud800 and\nmore"
    assert (made["why"], made["topics"]) == ("x", "{'a'}")


def test_console_line_is_one_line_with_the_event_in_brackets() -> None:
    text = ConsoleFormatter().format(record("a\nforged line", event="feed.away"))
    assert text == "2023-11-14T22:13:20.250Z WARNING sluicegate.x: a | forged line [feed.away]"


# -- what is left out --------------------------------------------------------------------------------------------------


def test_words_of_an_error_that_may_be_a_records_are_left_out() -> None:
    error = ValueError("account 12345")
    error.__cause__ = KeyError("Ann Smith")
    group = ExceptionGroup("several", [error, ConnectionError("no route")])
    for formatter in (JsonFormatter("worker"), ConsoleFormatter()):
        text = formatter.format(record("it failed", exc_info=raised(group)))
        assert "ValueError" in text
        assert "KeyError" in text
        assert "no route" in text
        assert "12345" not in text
        assert "Smith" not in text


def test_words_of_an_error_that_a_client_library_raised_are_shown() -> None:
    with pytest.raises(ValueError, match=r"\{\}") as theirs:
        commit_structure_validate({})
    assert told(theirs.value) == repr(theirs.value)
    assert told(ValueError(*theirs.value.args)) == "ValueError"


def test_error_in_a_librarys_message_is_its_class() -> None:
    made = line("[%s] crashed: %r, %s", "agent", KeyError("Ann Smith"), OSError("no route"), name="mode.x")
    assert made["message"] == "[agent] crashed: KeyError, no route"


def test_second_line_of_asyncio_which_repeats_the_error_is_left_out() -> None:
    words = "Task exception was never retrieved\nfuture: <Task exception=ValueError('account 12345')>"
    assert line(words, name="asyncio")["message"] == "Task exception was never retrieved"


def test_cause_that_leads_back_to_itself_ends() -> None:
    first, second = ValueError("x"), KeyError("y")
    first.__cause__, second.__cause__ = second, first
    assert trace(first) == "ValueError\ncaused by\nKeyError"


PROGRAM = """
import logging, warnings, asyncio
from sluicegate import logs
from sluicegate.settings import Settings
logs.start(Settings(log_format={form!r}, log_level="debug"), "console")
logs.start(Settings(log_format={form!r}, log_level="debug"), "console")  # again: no line twice
logging.getLogger("sluicegate.x").debug("ours", extra=logs.event("feed.back"))
logging.getLogger("sqlalchemy.engine").info("insert of 12345")
logging.getLogger("sse_starlette.sse").debug("chunk of 12345")
logging.getLogger("uvicorn.error").warning("theirs")
warnings.warn("careful")
raise ValueError("account 12345")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_process_tells_everything_in_one_format_and_no_librarys_debug_lines(form: str) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM.format(form=form)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    if form == "console":
        assert [part in run.stderr for part in ("ours [feed.back]", "theirs", "careful")] == [True] * 3
        assert "of 12345" not in run.stderr
        return
    assert "12345" not in run.stderr
    lines = [json.loads(text) for text in run.stderr.splitlines()]
    told = [(one["logger"], one["level"], one.get("event")) for one in lines]
    assert told == [
        ("sluicegate.x", "debug", "feed.back"),
        ("uvicorn.error", "warning", None),
        ("py.warnings", "warning", None),
        ("sluicegate", "critical", "process.failed"),
    ]
    assert {one["service"] for one in lines} == {"console"}
    assert (lines[-1]["error"], "line 12" in lines[-1]["exception"]) == ("ValueError", True)
