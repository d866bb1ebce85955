"""`sluicegate dead-letters`: what was refused, why, and sending it again after a fix."""

import json
from collections import Counter
from typing import TYPE_CHECKING, get_args

import click

from sluicegate.cli.kafka import read_all, sender, with_settings
from sluicegate.settings import Settings
from sluicegate.wire.decode import ReasonCode

if TYPE_CHECKING:
    from sluicegate.cli.letters import Case

REASONS = get_args(ReasonCode)


@click.group("dead-letters")
def command() -> None:
    """List refused records, show one, send them again.

    \b
    Example:
      sluicegate dead-letters list
    """


@command.command("list")
@click.option("--reason", type=click.Choice(REASONS), help="With this reason only.")
@click.option("--topic", help="From this source topic only.")
@click.option("--each", is_flag=True, help="Every record with its place, instead of counts.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@with_settings
def list_letters(settings: Settings, reason: str | None, topic: str | None, each: bool, as_json: bool) -> None:
    """Count refused records by reason and source topic; repeated letters of one record count once.

    \b
    Example:
      sluicegate dead-letters list --reason not_json --each
    """
    cases = _cases(settings, reason, topic)
    if each:
        for case in cases:
            letter = case.letter
            if as_json:
                line = {"place": case.place, "reason": letter.reason, "path": letter.detail.path}
                click.echo(
                    json.dumps(line | {"message": letter.detail.message, "again": case.again, "cut": letter.cut})
                )
            else:
                again = f"  (redriven and refused {_times(case.again)})" if case.again else ""
                where = f"{letter.detail.path} " if letter.detail.path else ""
                click.echo(_printable(f"{case.place}  {letter.reason}  {where}{letter.detail.message}{again}"))
        return
    counts = Counter((case.letter.reason, case.letter.topic) for case in cases)
    for (why, source), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if as_json:
            click.echo(json.dumps({"reason": why, "topic": source, "count": count}))
        else:
            click.echo(f"{count:8,}  {why:18}  {source}")
    if not as_json:
        click.echo(f"{len(cases):8,}  in all")


@command.command("show")
@click.argument("place", metavar="TOPIC/PARTITION/OFFSET")
@click.option("--value", "with_value", is_flag=True, help="Print the record's value too: it may hold personal data.")
@with_settings
def show(settings: Settings, place: str, with_value: bool) -> None:
    """Show one refused record: reason, path, message; its value only when asked for.

    \b
    Example:
      sluicegate dead-letters show vendor-payments/0/17 --value
    """
    from base64 import b64decode

    found = [case for case in _cases(settings, None, None) if case.place == place]
    if not found:
        raise click.ClickException(
            f"there is no dead letter of {place}; `sluicegate dead-letters list --each` shows them"
        )
    letter, again = found[0].letter, found[0].again
    value = b64decode(letter.value_b64) if letter.value_b64 is not None else b""
    size = letter.value_bytes if letter.value_bytes is not None else len(value)
    for label, content in (
        ("place", place),
        ("reason", letter.reason),
        ("path", letter.detail.path or "(the record as a whole)"),
        ("message", letter.detail.message),
        ("received", letter.received_at or ""),
        ("headers", ", ".join(sorted(letter.headers)) or "none"),
        ("value", f"{size} bytes" + (", of which the letter holds the first 64 KiB: no redrive" if letter.cut else "")),
        ("redriven", f"{_times(again)}, and refused again" if again else ""),
    ):
        if content:
            click.echo(f"{label:10}{_printable(content)}")
    if with_value:
        click.echo(_printable(value.decode(errors="replace")))


@command.command("redrive")
@click.option("--reason", type=click.Choice(REASONS), help="Of this reason only.")
@click.option("--topic", help="From this source topic only.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@with_settings
def redrive(settings: Settings, reason: str | None, topic: str | None, dry_run: bool) -> None:
    """Send refused records to their source topics again, as they were.

    Their letters stay in the topic, so a second redrive sends them once more. That is harmless: an event that was taken
    meanwhile is known by its source and id, and dropped. Exit status 1 when
    records are left that a letter holds only the beginning of: those must come from their producer again.

    \b
    Example:
      sluicegate dead-letters redrive --reason schema_violation --dry-run
    """
    from sluicegate.cli.letters import record_of

    cases = _cases(settings, reason, topic)
    records = [record_of(case) for case in cases]
    whole = [record for record in records if record is not None]
    if not dry_run and whole:
        with sender(settings) as out:
            for record in whole:
                out.send(record.topic, record.value, record.key, headers=record.headers)
    for source, count in sorted(Counter(record.topic for record in whole).items()):
        click.echo(f"{count:8,}  {source}  {'would be sent' if dry_run else 'sent'}")
    cut = [case.place for case, record in zip(cases, records, strict=True) if record is None]
    for place in cut:
        click.echo(f"{place}: the letter holds only the first 64 KiB; its producer must send it again", err=True)
    if not cases:
        click.echo("nothing to redrive")
    if cut:
        raise click.ClickException(f"{len(cut)} records cannot be redriven")


def _cases(settings: Settings, reason: str | None, topic: str | None) -> "list[Case]":
    from sluicegate.cli.letters import collapse
    from sluicegate.topics import name_of

    cases = collapse(record.value for record in read_all(settings, name_of("dead-letters", settings)))
    return [
        case
        for case in cases
        if reason in (None, case.letter.reason) and topic in (None, case.letter.topic, _without(settings, case))
    ]


def _without(settings: Settings, case: "Case") -> str:
    return case.letter.topic.removeprefix(settings.topic_prefix)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _printable(text: str) -> str:
    from sluicegate.cli.alert_text import clean

    return clean(text)
