"""`sluicegate import`: payment files of banks and payroll systems as events."""

import os
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from sluicegate.cli.kafka import kafka_options
from sluicegate.cli.output import STANDARD, check_distinct
from sluicegate.cli.reading_options import mapping_of, reading_options, tenant_of
from sluicegate.connectors.registry import CONNECTORS

FILE = click.Path(path_type=Path)


@click.command("import")
@click.argument("format", type=click.Choice([*CONNECTORS]))
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)
@reading_options
@click.option("--dry-run", type=click.IntRange(min=1), metavar="N", help="Show the first N; check all.")
@click.option("--send", is_flag=True, help="Send to Kafka, instead of writing events to standard output.")
@click.option("--out", type=FILE, metavar="FILE", help="Write events there, one a line.")
@click.option("--dead-letters", type=FILE, metavar="FILE", help="Write refused transactions there.")
@kafka_options
def command(
    format: str,
    files: tuple[Path, ...],
    tenant: str,
    secret_file: Path | None,
    mapping: Path | None,
    stream: str,
    zone: ZoneInfo,
    dry_run: int | None,
    send: bool,
    out: Path | None,
    dead_letters: Path | None,
    announce: bool,
    broker: str | None,
    topic_prefix: str | None,
) -> None:
    """Make events of payment files.

    FORMAT says what the FILEs are; - is standard input, and gzip is unpacked. Account numbers leave as fingerprints,
    keyed with the tenant's secret (--secret-file, or its file in the folder SLUICEGATE_TENANT_SECRETS). The same
    transaction gives the same event however often its file is imported, and is counted once.

    A transaction that cannot be used is a dead letter with its line; the others go on. Exit status 1 when one was
    refused, when a control sum of a file differs, or when a file broke off.

    \b
    Example:
      openssl rand -hex 32 > acme.secret
      sluicegate import pain001 payroll.xml --tenant acme --secret-file acme.secret --dry-run 3
      sluicegate import pain001 payroll.xml --tenant acme --secret-file acme.secret --send
    """
    from sluicegate.cli.import_run import Options, Outlet, run, to_files, to_kafka
    from sluicegate.connectors.base import Context
    from sluicegate.connectors.keys import TenantKeys, read_secret
    from sluicegate.settings import load

    tenant_of(tenant)
    if send and (out is not None or dead_letters is not None):
        raise click.UsageError("--send writes to Kafka; leave out --out and --dead-letters")
    if dry_run is not None and (send or out is not None or dead_letters is not None):
        raise click.UsageError("--dry-run shows events and writes nothing; leave out --send, --out and --dead-letters")
    if (mapping is not None) != (format == "csv"):
        raise click.UsageError("csv needs --mapping FILE, and no other format takes one")
    mapped = mapping_of(mapping)
    check_distinct(files, [path for path in (out, dead_letters) if path is not None])
    if dry_run is not None and secret_file is None and not os.environ.get("SLUICEGATE_TENANT_SECRETS"):
        keys = TenantKeys(os.urandom(32))
        click.echo("fingerprints are made with a secret of this run only: none was given", err=True)
    else:
        keys = read_secret(tenant, secret_file)
    context = Context(tenant, keys, zone, stream, mapped)  # type: ignore[arg-type]  # one of the choices
    connector = CONNECTORS[format]
    with ExitStack() as stack:
        outlet = Outlet()
        if send:
            settings = load(os.environ, broker=broker, topic_prefix=topic_prefix)
            outlet = stack.enter_context(to_kafka(settings, connector, tenant, announced=announce))
        elif dry_run is None:
            outlet = stack.enter_context(to_files(out or STANDARD, dead_letters))
        good = run(Options(connector, context, dry_run or 0), files, outlet)
    if not good:
        raise click.exceptions.Exit(1)
