"""`sluicegate config`: which settings are in effect, and everything that is wrong with them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import click

from sluicegate.cli.output import FileError
from sluicegate.configuration import PARTS

_PARTS = [part.name for part in PARTS]


@click.group("config", short_help="Which settings are in effect, and what is wrong with them.")
def command() -> None:
    """Show and check the settings of all processes, which they read from the environment.

    \b
    Example:
      sluicegate config check
    """


@command.command("show")
@click.option("--part", type=click.Choice(_PARTS), help="Of this process only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per setting and line.")
def show(part: str | None, as_json: bool) -> None:
    """Show every setting: its value in effect, and whether that is the default or comes from the environment.

    Secrets are shown as set or not set.

    \b
    Example:
      sluicegate config show --part console
    """
    from sluicegate.configuration import in_effect

    shown = [one for one in in_effect(os.environ) if part in (None, one.part)]
    width = max(len(one.setting.variable) for one in shown)
    for one in shown:
        value, source = one.value, "environment" if one.given else "default"
        if as_json:
            fields = {"part": one.part, "variable": one.setting.variable, "value": value, "from": source}
            click.echo(json.dumps(fields | {"default": one.setting.default, "unit": one.setting.unit}))
        else:
            unit = f" {one.setting.unit}" if one.setting.unit and value else ""
            click.echo(f"{one.setting.variable:{width}}  {f'{value}{unit}' or '-':40}  {source}")


@command.command("check")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Check this file of NAME=VALUE lines instead of the environment.",
)
@click.option("--connect", is_flag=True, help="Also ask the broker and open the database and files named.")
def check(env_file: Path | None, connect: bool) -> None:
    """Check the settings of all processes and name every fault at once. Exit status 1 when there is one.

    With --connect also whether Kafka lets these credentials in, the console's database opens, and files can be read.

    \b
    Example:
      sluicegate config check --env-file production.env
    """
    from sluicegate.configuration import explain, faults, ours

    environ: Mapping[str, str] = os.environ
    found: list[tuple[int, str]] = []
    lines: dict[str, int] = {}
    if env_file is not None:
        from sluicegate.env_file import read_env_file

        try:
            read = read_env_file(env_file, os.environ)
        except (OSError, UnicodeDecodeError) as error:
            raise FileError("read", env_file, error) from None
        environ, lines, found = read.values, read.lines, read.faults
    here = env_file is None or connect  # a file may be for machines where other files are
    found += [(lines.get(fault.variable, 0), explain(fault, environ)) for fault in faults(environ, here=here)]
    for line, wrong in sorted(found):
        click.echo(f"{env_file}:{line}: {wrong}" if line else wrong, err=True)
    failed = len(found)
    if connect and not failed:
        from sluicegate.cli.config_connect import connections

        for name, fault, action in connections(environ):
            click.echo(f"{name}: {fault}\n  {action}" if fault else f"{name}: ok", err=bool(fault))
            failed += bool(fault)
    if failed:
        raise click.exceptions.Exit(1)
    count = len(ours(environ))
    click.echo(f"no fault; {count} set {'here' if env_file is None else f'in {env_file}'}, all others are defaults")
