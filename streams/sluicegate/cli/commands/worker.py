"""`sluicegate worker`: one process of the stream."""

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from sluicegate.settings import PREFIX, describe, load


def setting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every setting. The texts go to `load` as they are: it knows types and bounds."""
    for variable, unit, default, meaning in reversed(list(describe())):
        name = variable.removeprefix(PREFIX).lower().replace("_", "-")
        shown = "" if default in ("", None) else f" Default: {default}{' ' + unit if unit else ''}."
        help_text = f"{meaning[:1].upper()}{meaning[1:]}.{shown}  [env: {variable}]"
        function = click.option(f"--{name}", metavar=(unit or "text").upper(), help=help_text)(function)
    return function


@click.command("worker")
@setting_options
def command(**given: str | None) -> None:
    """Run a worker: events in, alerts out.

    It ends on SIGTERM or Ctrl-C, its checkpoint finished. Start several: they share the work.

    Every option may be given as an environment variable instead. /metrics, /livez and /readyz are on --web-port.

    \b
    Example:
      sluicegate worker --broker kafka:9092 --partitions 16
    """
    settings = load(os.environ, **given)
    from sluicegate.app import run_worker
    from sluicegate.cli.main import operator_action
    from sluicegate.errors import SluicegateError

    try:
        status = run_worker(settings)
    except SluicegateError as error:
        click.echo(f"Error: {error}\n{operator_action(error)}", err=True)
        status = 1
    sys.stderr.flush()
    os._exit(status)  # Faust's threads would hold the interpreter up
