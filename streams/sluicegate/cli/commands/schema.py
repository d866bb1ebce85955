"""`sluicegate schema`: the JSON Schema of what goes in and what comes out."""

import json
from pathlib import Path

import click

from sluicegate.cli.output import write_lines


@click.command("schema")
@click.argument("which", type=click.Choice(["events", "alerts"]))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of standard output."
)
def command(which: str, out: Path | None) -> None:
    """Print the JSON Schema of input events or of alerts.

    JSON Schema 2020-12; that of alerts covers signals too.

    \b
    Example:
      sluicegate schema events --out events.schema.json
    """
    from sluicegate.wire.schema import alert_schema, events_schema

    text = json.dumps(events_schema() if which == "events" else alert_schema(), indent=1)
    if out is None:
        click.echo(text)
    else:
        with write_lines(out) as write:
            write(text.encode())
