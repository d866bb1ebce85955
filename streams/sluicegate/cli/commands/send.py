"""`sluicegate send`: events from files into their topics."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from sluicegate.cli.kafka import Sender, sender, topics_at, with_settings
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.routing import NOT_JSON, Route, exported, is_export, route
from sluicegate.errors import TopicMissingError
from sluicegate.settings import Settings
from sluicegate.wire.events import TYPES

SOURCES = list(dict.fromkeys(kind.topic for kind in TYPES.values() if not kind.internal))
_SHOWN = 5
"""Refused lines that are named one by one."""


@click.command("send")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--topic", type=click.Choice(SOURCES), help="Send every line to this topic, whatever it holds.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Events per second. Default: all at once.")
@with_settings
def command(files: tuple[Path, ...], topic: str | None, rate: float | None, settings: Settings) -> None:
    """Send events from files to Kafka.

    Each line of a FILE is one event, and goes to the topic of its type, keyed by its tenant. - is standard input. The
    topics must be there.

    A file of `sluicegate log export` is sent as the events it holds, with their timestamps. Exit status 1 when lines
    could not be sent (no JSON, no known type); the others are sent all the same.

    \b
    Example:
      sluicegate generate --count 100 | sluicegate send -
    """
    from sluicegate.cli.pace import Pace
    from sluicegate.topics import name_of

    size = check_readable(files)
    known = topics_at(settings)
    if topic is not None and name_of(topic, settings) not in known:
        raise TopicMissingError(f"there is no topic {name_of(topic, settings)}")
    refused: list[str] = []
    sent = 0
    with ExitStack() as stack:
        out: Sender = stack.enter_context(sender(settings))
        bar = stack.enter_context(Progressing(size, "sent", lambda: sent))
        pace = Pace(rate)
        for path in files:
            for number, line, found in _routed(lines_of(path, bar.advance), topic):
                if isinstance(found, str):
                    refused.append(f"{path}:{number}: {found}")
                    continue
                name = name_of(found.topic, settings)
                if name not in known:
                    raise TopicMissingError(
                        f"there is no topic {name}, which {path}:{number} needs; {sent} events before it were sent"
                    )
                pace.next()
                out.send(
                    name,
                    line if found.value is None else found.value,
                    found.key,
                    timestamp=found.timestamp,
                )
                sent += 1
    click.echo(f"{sent} events sent", err=True)
    for text in refused[:_SHOWN]:
        click.echo(text, err=True)
    if any(NOT_JSON in text for text in refused):
        click.echo("each event must stand on a line of its own: `jq -c . FILE` writes them so", err=True)
    if refused:
        raise click.ClickException(
            f"{len(refused)} line{'s' * (len(refused) != 1)} not sent; --topic NAME sends lines as they are"
        )


def _routed(lines: Iterable[bytes], topic: str | None) -> Iterator[tuple[int, bytes, Route | str]]:
    """Line numbers from 1, lines, and where they go."""
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
