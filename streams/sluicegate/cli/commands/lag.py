"""`sluicegate lag`: how far the pipeline is behind, from outside the workers."""

import os

import click
import msgspec

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.settings import Settings


@click.command(
    "lag", short_help="How far the pipeline is behind, from Kafka alone: for Prometheus, or once as a table."
)
@click.option("--once", is_flag=True, help="Print a table instead, and end.")
@click.option("--app-id", metavar="TEXT", help="Consumer group of the workers.  [env: SLUICEGATE_APP_ID]")
@click.option(
    "--output-prefix",
    metavar="TEXT",
    help="In front of state and output topics instead.  [env: SLUICEGATE_OUTPUT_PREFIX]",
)
@setting_options(part("lag").settings)
@with_settings
def command(settings: Settings, once: bool, app_id: str | None, output_prefix: str | None, **given: str | None) -> None:
    """Tell how far each stage is behind, in records and in seconds, from Kafka alone.

    Stages: intake (source topics into the log), detect (the log), shared (sightings of accounts and wallets). The
    workers are not asked, so that one that hangs shows. /metrics, /livez and /readyz are on --port; a broker that is
    away is shown there and waited for. It ends on SIGTERM or Ctrl-C.

    \b
    Example:
      sluicegate lag --broker kafka:9092
      sluicegate lag --once --topic-prefix demo. --app-id demo.sluicegate
    """
    from sluicegate.lag.settings import load

    chosen = {"app_id": app_id, "output_prefix": output_prefix}
    settings = msgspec.structs.replace(settings, **{name: one for name, one in chosen.items() if one is not None})
    own = load(os.environ, **given)
    if once:
        from sluicegate.lag.exporter import watching
        from sluicegate.lag.table import lines

        with watching(settings) as watch:
            click.echo("\n".join(lines(watch.look())))
        return
    from sluicegate.cli.service import until_stopped
    from sluicegate.lag.exporter import Exporter
    from sluicegate.rights import enter

    enter(settings, "lag")
    exporter = Exporter(settings, own)
    until_stopped(settings, "lag", f"http://{own.host}:{exporter.ops.port}/metrics", exporter.run, exporter.stop)
