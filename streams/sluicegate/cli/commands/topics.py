"""`sluicegate topics`: make them, see them, check them."""

import json

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.settings import Settings


@click.group("topics")
def command() -> None:
    """List, create and check the topics.

    \b
    Example:
      sluicegate topics create --broker localhost:9092
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per topic and line.")
@with_settings
def list_topics(settings: Settings, as_json: bool) -> None:
    """Show each topic: partitions, and records held; what is missing is named.

    \b
    Example:
      sluicegate topics list --topic-prefix eu.
    """
    from sluicegate.cli.kafka import held
    from sluicegate.topics import plan

    plans = plan(settings)
    found = held(settings, [topic.name for topic in plans])
    for topic in plans:
        partitions, records = found.get(topic.name, (None, None))
        if as_json:
            line = {"topic": topic.topic, "name": topic.name, "partitions": partitions, "records": records}
            click.echo(json.dumps(line))
        elif partitions is None:
            click.echo(f"{topic.name:24} missing")
        else:
            click.echo(f"{topic.name:24} {partitions:4} partitions {records:12,} records")


@command.command("create")
@click.option(
    "--partitions", type=click.INT, metavar="N", help="Of the topics that are made.  [env: SLUICEGATE_PARTITIONS]"
)
@click.option(
    "--replication-factor", type=click.INT, metavar="N", help="Of them.  [env: SLUICEGATE_REPLICATION_FACTOR]"
)
@with_settings
def create(settings: Settings, partitions: int | None, replication_factor: int | None) -> None:
    """Make the topics that are missing, and check the others. What exists is never changed.

    \b
    Example:
      sluicegate topics create --partitions 16 --replication-factor 3
    """
    import os

    from sluicegate.settings import load
    from sluicegate.topics import Admin, ensure

    chosen = load(
        os.environ,
        broker=settings.broker,
        topic_prefix=settings.topic_prefix,
        partitions=partitions,
        replication_factor=replication_factor,
    )
    with Admin(chosen) as admin:
        count = ensure(admin, chosen)
    click.echo(f"all topics are there; the log has {count} partitions")


@command.command("check")
@with_settings
def check(settings: Settings) -> None:
    """Check that every topic is there and fit; nothing is made or changed. Exit status 1 when something is wrong.

    \b
    Example:
      sluicegate topics check
    """
    from sluicegate.errors import TopicMismatchError
    from sluicegate.topics import Admin, ensure, plan

    with Admin(settings) as admin:
        names = [topic.name for topic in plan(settings)]
        missing = sorted(set(names) - admin.describe(names).keys())
        if missing:
            raise TopicMismatchError(f"missing: {', '.join(missing)}; `sluicegate topics create` makes them")
        ensure(admin, settings)
    click.echo("all topics are there and fit")
