"""`sluicegate canary`: a payment of our own each minute, and whether its alert comes."""

import os

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.settings import Settings


@click.command("canary", short_help="Send a payment of our own each minute, and see whether its alert comes.")
@setting_options(part("canary").settings)
@with_settings
def command(settings: Settings, **given: str | None) -> None:
    """Send a synthetic payment through the whole path each minute, and measure how long its alert takes.

    The payments are of the tenant sluicegate-canary; the console, the metrics of alerts and `sluicegate watch` leave it
    out. Other readers of the topic `alerts` drop what has this tenantid. The canary keeps nothing: start it anywhere,
    and again at any time. /metrics, /livez and /readyz are on --port. It ends on SIGTERM or Ctrl-C.

    \b
    Example:
      sluicegate canary --broker kafka:9092
      sluicegate canary --every-seconds 10 --lost-after-seconds 5
    """
    from sluicegate.canary.canary import Canary
    from sluicegate.canary.settings import load
    from sluicegate.cli.service import until_stopped
    from sluicegate.rights import enter

    own = load(os.environ, **given)
    enter(settings, "canary")
    canary = Canary(settings, own)
    until_stopped(settings, "canary", f"http://{own.host}:{canary.ops.port}/metrics", canary.run, canary.stop)
