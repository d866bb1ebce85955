"""`sluicegate verify`: whether the alerts are all there, as they were written."""

import os
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import held, kafka_options
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.output import FileError
from sluicegate.settings import load

if TYPE_CHECKING:
    from sluicegate.cli.verify_links import Links
    from sluicegate.cli.verify_sources import Intake

FILE = click.Path(path_type=Path)


@click.command("verify")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=FILE)
@click.option("--tenant", multiple=True, help="Of this tenant only (may be given several times).")
@click.option("--head", is_flag=True, help="Print the head of each chain that is whole; the findings go to stderr.")
@click.option(
    "--expect", multiple=True, metavar="TENANT:NUMBER:HASH", help="This head, noted earlier, must be in the chain."
)
@click.option("--expect-from", type=FILE, metavar="FILE", help="Heads as --head printed them, one a line.")
@kafka_options
def command(
    files: tuple[Path, ...],
    tenant: tuple[str, ...],
    head: bool,
    expect: tuple[str, ...],
    expect_from: Path | None,
    broker: str | None,
    topic_prefix: str | None,
) -> None:
    """Check that no alert was altered, removed, added or put elsewhere.

    Each alert revision holds its number within the tenant and the hash of the one before it. FILEs hold alerts, one a
    line: output of `sluicegate replay`, or a dump of the topic. Without a FILE, the topic `alerts` is read to its end.

    A chain whose beginning is not here (retention removed it) counts as whole from where it begins. That its end was
    cut off, or all of it written anew, shows only against a head that was kept elsewhere: note what --head prints, and
    give it later by --expect or --expect-from.

    Exit status: 0 when every chain is whole, 1 when one is not, with what is wrong and where; 2 when a file cannot be
    read.

    \b
    Example:
      sluicegate verify --head > heads.txt
      sluicegate verify --expect-from heads.txt
    """
    from sluicegate.cli.alert_text import clean
    from sluicegate.cli.verify_links import Links
    from sluicegate.cli.verify_report import examine, lines, told
    from sluicegate.cli.verify_sources import Intake

    if files and broker is not None:
        raise click.UsageError("name files or --broker: one of them is verified")
    expected = _expected(expect, expect_from)
    wanted = {name: heads for name, heads in expected.items() if not tenant or name in tenant}
    with closing(Links()) as links:
        intake = Intake(links, tenant)
        gone_until = _read(files, intake, links, broker, topic_prefix)
        with Progressing(links.count, "links", lambda: links.count) as bar:
            found = list(examine(links, intake, gone_until, wanted, bar.advance))
    for finding in found:
        for line in lines(finding):
            click.echo(clean(line), err=head)
        if head and finding.whole and finding.last:
            click.echo(clean(finding.named))
    absent = sorted({*tenant} - {finding.tenant for finding in found})
    for name in absent:
        click.echo(f"{name}: no alert revision is here", err=head)
    nameless = intake.faults.get(None)
    for line in told(nameless) if nameless is not None else ():
        click.echo(clean(line), err=head)
    whole = sum(finding.whole for finding in found)
    broken = len(found) - whole + len(absent)
    click.echo(_sum(intake.taken, whole, broken), err=head)
    if broken or nameless is not None:
        raise click.exceptions.Exit(1)


def _read(
    files: tuple[Path, ...], intake: "Intake", links: "Links", broker: str | None, topic_prefix: str | None
) -> float:
    """Take in the files or else the topic; the time (ms) up to which retention may have removed records."""
    from sluicegate.cli.verify_sources import read_files, read_topic

    if files:
        with Progressing(check_readable(files), "alerts", lambda: intake.taken) as bar:
            read_files(intake, files, bar)
        return -1.0
    from sluicegate.topics import name_of

    settings = load(os.environ, broker=broker, topic_prefix=topic_prefix)
    topic = name_of("alerts", settings)
    _, count = held(settings, [topic]).get(topic, (0, 0))
    with Progressing(count, "alerts", lambda: intake.taken) as bar:
        return read_topic(intake, links, settings, topic, bar)


def _expected(given: tuple[str, ...], path: Path | None) -> dict[str, dict[int, str]]:
    """Expected hashes by tenant and number. Raises UsageError, FileError."""
    from sluicegate.cli.verify_report import parse_head

    noted = [line.decode(errors="replace") for line in lines_of(path)] if path is not None else []
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for text in (*given, *(line for line in noted if line.strip())):
        try:
            tenant, number, hash = parse_head(text)
        except ValueError:
            what = "is no head; one is TENANT:NUMBER:HASH, as --head prints it"
            if text in given:
                raise click.UsageError(f"{text!r} {what}") from None
            raise FileError("read", path or Path(), f"{text.strip()!r} {what}") from None
        if found[tenant].setdefault(number, hash) != hash:
            raise click.UsageError(f"two hashes are expected of number {number} of {tenant}")
    return found


def _sum(taken: int, whole: int, broken: int) -> str:
    if not taken:
        return "no alert revision is here"
    chains = f"{whole} chain{'s' * (whole != 1)} whole" + (f", {broken} NOT" if broken else "")
    return f"{taken:,} record{'s' * (taken != 1)}: {chains}"
