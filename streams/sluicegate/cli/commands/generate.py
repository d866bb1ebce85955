"""`sluicegate generate`: realistic events of several tenants, with schemes to be found among them."""

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sluicegate.cli.kafka import kafka_options, sender
from sluicegate.cli.output import STANDARD, check_distinct, write_lines
from sluicegate.cli.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluicegate.generate.drafts import Case
    from sluicegate.generate.stream import Generated, Generator

FILE = click.Path(path_type=Path)
END = 1_788_220_800_000_000  # µs, 2026-09-01: a file made with the same options is the same whenever it is made


@click.command("generate", short_help="Make realistic payments, with schemes among them.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed and options: same bytes.")
@click.option("--tenants", type=click.IntRange(1, 10_000), default=8, show_default=True, help="How many.")
@click.option("--payees", type=click.IntRange(min=1), help="Of all tenants together.  [default: as many as it takes]")
@click.option("--count", type=click.IntRange(min=1), help="Events to make.  [default: 10,000]")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Live events per second, after the history.")
@click.option(
    "--duration", type=click.FloatRange(min=0), metavar="SECONDS", help="Of the live events. Default: no end."
)
@click.option("--schemes", type=click.FloatRange(0, 0.5), default=0.002, show_default=True, help="Begun per event.")
@click.option("--out", type=FILE, metavar="FILE", help="Write to FILE instead of standard output.")
@click.option("--labels", type=FILE, metavar="FILE", help="Write there which schemes are in it, as JSON lines.")
@click.option("--send", is_flag=True, help="Send to Kafka instead.")
@kafka_options
def command(
    broker: str | None,
    topic_prefix: str | None,
    seed: int,
    tenants: int,
    payees: int | None,
    count: int | None,
    rate: float | None,
    duration: float | None,
    schemes: float,
    out: Path | None,
    labels: Path | None,
    send: bool,
) -> None:
    """Make realistic payments of several tenants, with schemes among them.

    Payroll and vendor payments, changes of payees, payout requests, statuses, policies, verdicts.

    Without --rate: --count events of the past, the same ones whenever it is run (with --send they end now). With
    --rate: 150 days of history at once, then events that happen now, at that rate, for --duration.

    \b
    Example:
      sluicegate generate --seed 7 --count 50000 --out events.jsonl --labels schemes.jsonl
      sluicegate generate --rate 50 --duration 60 --send --broker localhost:9092
    """
    from sluicegate.generate.stream import Generator
    from sluicegate.settings import load
    from sluicegate.topics import name_of

    if count is not None and rate is not None:
        raise click.UsageError("--count is for events of the past, --duration for live ones (--rate)")
    if send and out is not None:
        raise click.UsageError("--send and --out exclude each other")
    check_distinct((), [path for path in (out, labels) if path is not None])
    now = int(time.time() * 1_000_000)
    if rate is None:
        end = now if send else END
        wanted = count or 10_000
        if payees is None:
            generator = Generator.sized(seed, wanted, end=end, tenants=tenants, scheme_share=schemes)
        else:
            generator = Generator(seed, start=end, payees=payees, tenants=tenants, scheme_share=schemes)
        events = generator.bulk(wanted)
    else:
        events = live(Generator(seed, start=now, payees=payees, tenants=tenants, scheme_share=schemes), rate, duration)
    with ExitStack() as stack:
        label = stack.enter_context(write_lines(labels)) if labels is not None else None
        found: dict[int, Case] = {}
        written = 0
        if send:  # only now: without Kafka, its settings need not be sound
            settings = load(os.environ, broker=broker, topic_prefix=topic_prefix)
            sent = stack.enter_context(sender(settings))
        else:
            write = stack.enter_context(write_lines(out or STANDARD))
        for event in events:
            if send:
                sent.send(name_of(event.topic, settings), event.value, event.key)
            else:
                write(event.value)
            written += 1
            if label is not None and event.case is not None:
                found[id(event.case)] = event.case
        if label is not None:
            for case in found.values():
                label(msgspec.json.encode(case))
    click.echo(f"{written} events {'sent' if send else 'made'}", err=True)


def live(generator: "Generator", rate: float, duration: float | None) -> "Iterator[Generated]":
    """History at once, then the events of now, `rate` per second for `duration` seconds."""
    yield from generator.history()
    pace = Pace(rate)
    end = None if duration is None else time.time() + duration
    while end is None or time.time() < end:
        yield generator.next_live(int(pace.next() * 1_000_000))
