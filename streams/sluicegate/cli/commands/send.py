"""`sluicegate send`: events from files into their topics."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import Sender, sender, with_settings
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.settings import Settings

if TYPE_CHECKING:
    from sluicegate.cli.routing import Route

STDIN = Path("-")
_SHOWN = 5
"""Refused lines that are named one by one."""


@click.command("send")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--topic", help="Send every line to this topic, whatever it holds.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Events per second. Default: all at once.")
@with_settings
def command(files: tuple[Path, ...], topic: str | None, rate: float | None, settings: Settings) -> None:
    """Send events from files to Kafka.

    Each line of a FILE goes to the topic of its type, keyed by its tenant. - is standard input.

    A file of `sluicegate log export` is sent as the events it holds, with their timestamps. Exit status 1 when lines
    could not be sent (no JSON, no known type); the others are sent all the same.

    \b
    Example:
      sluicegate generate --count 100 | sluicegate send -
    """
    from sluicegate.cli.pace import Pace
    from sluicegate.topics import name_of

    size = check_readable([path for path in files if path != STDIN])
    refused: list[str] = []
    sent = 0
    with ExitStack() as stack:
        out: Sender = stack.enter_context(sender(settings))
        bar = stack.enter_context(Progressing(size, "sent", lambda: sent, wanted=STDIN not in files))
        pace = Pace(rate)
        for path in files:
            lines = sys.stdin.buffer if path == STDIN else lines_of(path, bar.advance)
            for number, line, found in _routed(lines, topic):
                if isinstance(found, str):
                    refused.append(f"{path}:{number}: {found}")
                    continue
                pace.next()
                out.send(
                    name_of(found.topic, settings),
                    line if found.value is None else found.value,
                    found.key,
                    timestamp=found.timestamp,
                )
                sent += 1
    click.echo(f"{sent} events sent", err=True)
    for text in refused[:_SHOWN]:
        click.echo(text, err=True)
    if refused:
        raise click.ClickException(f"{len(refused)} lines not sent; --topic NAME sends lines as they are")


def _routed(lines: Iterable[bytes], topic: str | None) -> "Iterator[tuple[int, bytes, Route | str]]":
    """Line numbers from 1, lines, and where they go."""
    from sluicegate.cli.routing import Route, exported, is_export, route

    export = False
    for number, line in enumerate(lines, 1):
        line = line.rstrip(b"\r\n")
        if topic is not None:
            found = route(line)
            yield number, line, Route(topic, None if isinstance(found, str) else found.key)
        elif number == 1 and is_export(line):
            export = True
        elif line and (place := exported(line) if export else route(line)) is not None:
            yield number, line, place
