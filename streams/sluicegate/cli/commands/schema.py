"""`sluicegate schema`: the contract for other programs."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import STANDARD, FileError, write_lines
from sluicegate.settings import Settings

if TYPE_CHECKING:
    import httpx

_WITH_USER = re.compile(r"[a-z]+://[^/]*@")
_SAFE = re.compile(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)")

to_file = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=STANDARD,
    metavar="FILE",
    help="Write to FILE instead of standard output.",
)


@click.group("schema")
def command() -> None:
    """Print what goes in and what comes out, for other programs.

    \b
    Example:
      sluicegate schema events --out events.schema.json
    """


@command.command("events")
@to_file
def events(out: Path) -> None:
    """Print the JSON Schema (2020-12) of input events.

    \b
    Example:
      sluicegate schema events --out events.schema.json
    """
    from sluicegate.wire.schema import events_schema

    _write_json(events_schema(), out)


@command.command("alerts")
@to_file
def alerts(out: Path) -> None:
    """Print the JSON Schema (2020-12) of alerts and signals.

    \b
    Example:
      sluicegate schema alerts --out alert.schema.json
    """
    from sluicegate.wire.schema import alert_schema

    _write_json(alert_schema(), out)


@command.command("asyncapi")
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="The same values either way.",
)
@to_file
def asyncapi(form: str, out: Path) -> None:
    """Print the AsyncAPI 3.0 document: topics, messages, examples.

    Every topic that producers write or readers read, with Kafka's bindings; each event in structured and in binary
    mode, with an example.

    \b
    Example:
      sluicegate schema asyncapi --out deploy/asyncapi.yaml
    """
    from sluicegate.contract.document import document
    from sluicegate.contract.yaml import to_yaml

    if form == "json":
        _write_json(document(), out)
    else:
        with write_lines(out) as write:
            write(to_yaml(document()).removesuffix("\n").encode())


@command.command("publish")
@click.option("--registry", required=True, metavar="URL", help="Of the schema registry, with its path if it has one.")
@click.option("--user", metavar="NAME", help="Who signs in.")
@click.option(
    "--password-file", type=click.Path(path_type=Path), metavar="FILE", help="That holds their password, for --user."
)
@click.option("--ca-file", type=click.Path(path_type=Path), metavar="FILE", help="PEM of who vouches for the registry.")
@click.option("--dry-run", is_flag=True, help="Look at what would happen, and register nothing.")
@with_settings
def publish(
    registry: str, user: str | None, password_file: Path | None, ca_file: Path | None, dry_run: bool, settings: Settings
) -> None:
    """Register the JSON Schemas in a schema registry.

    For registries with Confluent's interface. The subjects are `<topic>-value`, behind the topic prefix; what is there
    already stays as it is. Each is checked against the versions before it, and if one is refused none is registered:
    exit status 1.

    Producers that frame records with a schema id are understood; Sluicegate looks no id up.

    \b
    Example:
      sluicegate schema publish --registry https://registry.example.com --user ann --password-file secret --dry-run
    """
    from sluicegate.contract import registry as schemas

    words = {"unchanged": "is there", "new": "new", "next": "new version", "refused": "refused"}
    outcomes = []
    if _WITH_USER.match(registry):
        raise click.UsageError("--registry holds a user: give --user and --password-file instead")
    if user is not None and not _SAFE.match(registry):
        raise click.UsageError("--registry must begin with https:// where --user is given: the password is sent there")
    with _client(user, password_file, ca_file) as client:
        for one in schemas.publish(schemas.Registry(registry, client), schemas.subjects(settings), dry_run=dry_run):
            outcomes.append(one)
            place = f" (id {one.id})" if one.id is not None else ""
            click.echo(f"{one.subject}: {words[one.what]}{place}{': ' + one.words if one.words else ''}")
    refused = sum(one.what == "refused" for one in outcomes)
    if refused:
        raise click.ClickException(
            f"{refused} schema{'s are' if refused > 1 else ' is'} not compatible with an earlier version, so none is "
            f"registered. The subject's compatibility level decides: see the registry's documentation"
        )


def _client(user: str | None, password_file: Path | None, ca_file: Path | None) -> "httpx.Client":
    import ssl

    import httpx

    if (user is None) != (password_file is None):
        raise click.UsageError("--user and --password-file go together")
    auth = None
    if user is not None and password_file is not None:
        try:
            auth = (user, password_file.read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise FileError("read", password_file, error) from None
    try:
        trust = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise FileError("read", ca_file or Path(), error) from None
    return httpx.Client(auth=auth, verify=trust, timeout=30)


def _write_json(schema: dict[str, Any], out: Path) -> None:
    with write_lines(out) as write:
        write(json.dumps(schema, indent=1).encode())
