"""`sluicegate demo`: everything at once on this machine, to see what it does."""

import time
from contextlib import ExitStack

import click

# five months of a small employer are fewer payments than the rule usually learns from; a multiple of four, so that the
# last of its four notices says that it has learned
_RULES = {"unusual-payment": {"params": {"warm_up": 152}}}


@click.command("demo", short_help="See it work: a real Kafka, generated payments, alerts with their reasons.")
@click.option(
    "--broker",
    envvar="SLUICEGATE_BROKER",
    show_envvar=True,
    metavar="HOST:PORT",
    help="Use this Kafka instead of an embedded one.",
)
@click.option("--topic-prefix", default="demo.", show_default=True, help="In front of topic names.")
@click.option("--rate", type=click.FloatRange(min=1), default=20, show_default=True, help="Live events per second.")
@click.option(
    "--schemes", type=click.FloatRange(min=0.5), default=4, show_default=True, help="Seconds between two of them."
)
@click.option("--tenants", type=click.IntRange(1, 100), default=6, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the generated events.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="End after this time of live events.  [default: Ctrl-C ends it]"
)
@click.option("--no-console", is_flag=True, help="Without the alert console, the web page for those who decide.")
@click.option("--no-gateway", is_flag=True, help="Without the HTTP gateway, for programs that send.")
@click.option("--no-operations", is_flag=True, help="Without the lag exporter and the canary, for those who operate.")
@click.option("--secure", is_flag=True, help="The embedded Kafka asks who is there: TLS, a user for each component.")
@click.option(
    "--prometheus", is_flag=True, help="With Prometheus, if it is installed, and the rules of this checkout's deploy/."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Alerts as JSON lines on standard output; all else on standard error."
)
def command(
    broker: str | None,
    topic_prefix: str,
    rate: float,
    schemes: float,
    tenants: int,
    seed: int,
    seconds: float | None,
    no_console: bool,
    no_gateway: bool,
    no_operations: bool,
    secure: bool,
    prometheus: bool,
    as_json: bool,
) -> None:
    """See it work: a real Kafka, the topics, a worker, generated payments, and alerts with their reasons in words.

    Five months of payments of some employers are sent at once, so that it is known what is usual; then payments happen
    live, and every few seconds a scheme is hidden among them: a diverted salary, a duplicate invoice, a listed wallet.
    Decide on the alerts in the console, whose address, name and password are printed; send events of your own to the
    gateway. Both end with the demo.

    Ctrl-C stops everything and leaves no process behind.

    \b
    Example:
      sluicegate demo --seconds 30
    """
    from rich.console import Console

    from sluicegate.cli.demo_run import Feed, Show, Stopped, stop_on_signals
    from sluicegate.cli.prometheus_child import PrometheusChild, program, targets
    from sluicegate.cli.stage import stage
    from sluicegate.generate.stream import Generator

    if secure and broker is not None:
        raise click.UsageError("--secure is for the embedded Kafka; for another, set SLUICEGATE_KAFKA_…")
    binary = program() if prometheus else None
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    stop_on_signals(console)
    try:
        with ExitStack() as stack:
            place = stack.enter_context(
                stage(
                    broker,
                    lambda line: console.print(line, markup=False),
                    prefix=topic_prefix,
                    console=not no_console,
                    gateway=not no_gateway,
                    operations=not no_operations,
                    secure=secure,
                )
            )
            generator = Generator(seed, start=int(time.time() * 1_000_000), tenants=tenants, rules=_RULES)
            feed = Feed(place.settings, generator, rate=rate, scheme_every=schemes)
            stack.callback(feed.stop)
            show = Show(console, place, feed, as_json=as_json)
            show.history()
            if binary is not None:  # not before: history sent at once is late, and would use up the objective's budget
                watcher = PrometheusChild(binary, targets(place))
                stack.callback(watcher.stop)
                console.print(f"Prometheus: process {watcher.pid}; {watcher.url}/alerts", markup=False)
            show.live(seconds)
            console.print("Stopping: generator, worker, Kafka")
    except Stopped:
        console.print("Stopped; nothing is left running")
