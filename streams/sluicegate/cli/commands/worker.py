"""`sluicegate worker`: one process of the stream."""

import os
import sys

import click

from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.settings import load


@click.command("worker")
@setting_options(part("worker").settings)
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
    from sluicegate.errors import SluicegateError
    from sluicegate.logs import report

    try:
        status = run_worker(settings)
    except SluicegateError as error:
        report(error)
        status = 1
    sys.stderr.flush()
    os._exit(status)  # Faust's threads would hold the interpreter up
