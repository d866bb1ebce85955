"""`sluicegate stress`: how fast, how late, and whether anything is lost."""

import sys
import time

import click


@click.command("stress", short_help="Measure latency, drops and CPU at a given rate.")
@click.option(
    "--broker",
    envvar="SLUICEGATE_BROKER",
    show_envvar=True,
    metavar="HOST:PORT",
    help="Use this Kafka instead of an embedded one.",
)
@click.option("--topic-prefix", default="", help="In front of topic names.  [default: one of this run's own]")
@click.option("--rate", type=click.FloatRange(min=1), default=500, show_default=True, help="Events per second.")
@click.option("--duration", type=click.FloatRange(min=1), default=30, show_default=True, help="Seconds.")
@click.option(
    "--warm-up", type=click.FloatRange(min=0), default=5, show_default=True, help="Seconds not measured, before."
)
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Processes.")
@click.option("--partitions", type=click.IntRange(1, 256), default=4, show_default=True, help="Of the topics.")
@click.option("--tenants", type=click.IntRange(1, 1000), default=40, show_default=True, help="How many.")
@click.option("--payees", type=click.IntRange(min=1), default=4000, show_default=True, help="Of all tenants together.")
@click.option(
    "--history-days", type=click.IntRange(0, 400), default=40, show_default=True, help="Worked through before."
)
@click.option(
    "--probes", type=click.FloatRange(0.001, 1), default=0.02, show_default=True, help="Share of certain alerts."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the generated events.")
@click.option("--max-p99", type=click.FloatRange(min=0), metavar="MS", help="Fail when p99 is above.")
@click.option(
    "--max-drop", type=click.FloatRange(0, 1), default=0, show_default=True, help="Fail when more are dropped."
)
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def command(
    broker: str | None,
    topic_prefix: str,
    rate: float,
    duration: float,
    warm_up: float,
    workers: int,
    partitions: int,
    tenants: int,
    payees: int,
    history_days: int,
    probes: float,
    seed: int,
    max_p99: float | None,
    max_drop: float,
    as_json: bool,
) -> None:
    """Send generated payments on a fixed schedule, and measure from the time each was due to its committed alert.

    The schedule does not wait for anything, so a stall shows in the figures. A share of the events raise an alert for
    certain: those that never come are counted as dropped. Exit status 1 when a limit is exceeded.

    \b
    Example:
      sluicegate stress --rate 500 --duration 60 --max-p99 100
    """
    import msgspec

    from sluicegate.cli.kafka import sender
    from sluicegate.cli.stage import stage
    from sluicegate.cli.stress_report import Limits
    from sluicegate.cli.stress_run import plan, run
    from sluicegate.generate.stream import Generator
    from sluicegate.topics import name_of

    def say(line: str) -> None:
        click.echo(line, err=True)

    now = time.time()
    prefix = topic_prefix or f"stress-{int(now)}."
    with stage(broker, say, prefix=prefix, workers=workers, partitions=partitions) as place:
        generator = Generator(
            seed, start=int(now * 1_000_000), tenants=tenants, payees=payees, history_days=history_days
        )
        count = 0
        with sender(place.settings) as out:
            for event in generator.history():
                out.send(name_of(event.topic, place.settings), event.value, event.key)
                count += 1
        say(f"History: {count:,} events")
        if not place.wait_for(lambda: place.metric("sluicegate_events_total") >= count, 60 + count / 500):
            raise click.ClickException("the workers have not worked through the history")
        say(f"Load: {rate:g} events/s for {warm_up + duration:g} s, the first {warm_up:g} s not measured")
        report = run(place, plan(generator, rate, warm_up + duration, probes), warm_up=warm_up)
    click.echo(msgspec.json.encode(report.figures()) if as_json else report.text())
    breaches = report.breaches(Limits(p99=None if max_p99 is None else max_p99 / 1000, drop=max_drop))
    for breach in breaches:
        say(f"FAIL: {breach}")
    if breaches:
        sys.exit(1)
