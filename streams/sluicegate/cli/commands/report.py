"""`sluicegate report`: evidence over a period, for people who review it."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import kafka_options
from sluicegate.cli.output import FileError
from sluicegate.settings import load

if TYPE_CHECKING:
    from sluicegate.report.document import Document

FILE = click.Path(path_type=Path)
_DAY = 86_400_000_000


@click.group("report")
def command() -> None:
    """Evidence over a period, as HTML and PDF.

    \b
    Example:
      sluicegate report nacha --tenant acme --from 2026-01-01 --to 2026-12-31 --out reports
    """


@command.command("nacha")
@click.argument("logs", nargs=-1, metavar="[LOG]...", type=FILE)
@click.option("--tenant", required=True, help="Whose monitoring is reviewed.")
@click.option("--from", "first", metavar="DATE", help="First day (UTC). Default: a year before the last one.")
@click.option("--to", "last", metavar="DATE", help="Last day (UTC), included. Default: today.")
@click.option("--alerts", multiple=True, metavar="FILE", type=FILE, help="Alerts to LOG files, one a line.")
@click.option("--signals", multiple=True, metavar="FILE", type=FILE, help="Signals to LOG files, one a line.")
@click.option("--out", default=".", type=FILE, metavar="FOLDER", help="Where the files go.", show_default=True)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["both", "html", "pdf"]),
    default="both",
    show_default=True,
    help="What to write.",
)
@kafka_options
def nacha(
    logs: tuple[Path, ...],
    tenant: str,
    first: str | None,
    last: str | None,
    alerts: tuple[Path, ...],
    signals: tuple[Path, ...],
    out: Path,
    formats: str,
    broker: str | None,
    topic_prefix: str | None,
) -> None:
    """Evidence for the yearly review of fraud monitoring that Nacha's rules ask for.

    What was monitored, rules in force and their changes, alerts, decisions and list updates of a period. It is read
    from the broker, or from LOG files (of `sluicegate log export`) with the alerts that belong to them. It names
    neither payees nor analysts. Times are UTC.

    \b
    Example:
      sluicegate report nacha --tenant acme --from 2026-01-01 --to 2026-12-31 --out reports
      sluicegate report nacha --tenant acme log-3.jsonl --alerts alerts.jsonl
    """
    from sluicegate.report.evidence import Evidence
    from sluicegate.report.nacha import document
    from sluicegate.report.sources import from_broker, from_files

    if logs and broker is not None:
        raise click.UsageError("name LOG files or --broker: the report is made from one of them")
    if (alerts or signals) and not logs:
        raise click.UsageError("--alerts and --signals belong to LOG files; without these the broker is read")
    made_at = time.time_ns() // 1000
    end_day = _date(last, "--to") if last is not None else datetime.now(UTC).date()
    begin_day = _date(first, "--from") if first is not None else end_day - timedelta(days=364)
    if begin_day > end_day:
        raise click.UsageError("--from is after --to")
    evidence = Evidence(tenant, _midnight(begin_day), _midnight(end_day) + _DAY)
    if logs:
        facts = from_files(evidence, logs, alerts, signals)
    else:
        facts = from_broker(evidence, load(os.environ, broker=broker, topic_prefix=topic_prefix))
    report = document(evidence, tuple(facts), made_at)
    name = f"nacha-{tenant}-{begin_day}-{end_day}"
    for suffix in ("html", "pdf") if formats == "both" else (formats,):
        path = out / f"{name}.{suffix}"
        _write(path, _render(report, suffix, made_at))
        click.echo(str(path))


def _render(report: "Document", suffix: str, made_at: int) -> bytes:
    if suffix == "html":
        from sluicegate.report.html import html

        return html(report).encode()
    from sluicegate.report.pdf import pdf

    try:
        return pdf(report, made_at)
    except ModuleNotFoundError:
        raise click.ClickException(
            "PDF needs fpdf2, which is not installed: `pip install 'sluicegate[report]'`; --format html does without"
        ) from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise FileError("write", path, error) from None


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option} {text} is no date; one is 2026-12-31") from None


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000
