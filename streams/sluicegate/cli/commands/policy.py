"""`sluicegate policy`: a tenant's policy as a file, checked, published, and shown as the stream has it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import STANDARD, FileError
from sluicegate.settings import Settings

if TYPE_CHECKING:
    from sluicegate.policies import History
    from sluicegate.policy_file.read import FileFault, PolicyFile

FILE = click.Path(path_type=Path)


class FaultyPolicyError(click.ClickException):
    """Files that are no policies; each fault was printed."""

    exit_code = 1


@click.group("policy")
def command() -> None:
    """Check policy files, publish them, and show which policy of a tenant is in force.

    A policy is a TOML file for one tenant: limits, pay days and holidays, crypto, trusted accounts, modes and
    parameters of rules. What it does not say has its default. Published, it replaces the tenant's former one from its
    place in the log on, without a restart, and every alert names the policy that it was judged by.

    \b
    Example:
      sluicegate policy init acme > acme.toml
    """


@command.command("init")
@click.argument("tenant", default="acme")
def init(tenant: str) -> None:
    """Print a policy file to start from, with everything that it may say as comments.

    \b
    Example:
      sluicegate policy init acme > acme.toml
    """
    from sluicegate.policy_file.template import template

    click.echo(template(tenant), nl=False)


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the data of the event instead, one JSON object per file.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Say what policy files amount to, or all that is wrong with them, by line. - is standard input.

    Nothing is sent. Exit status 1 when a file is faulty.

    \b
    Example:
      sluicegate policy check acme.toml
    """
    from sluicegate.policy_file.words import summary
    from sluicegate.wire.canonical import canonical

    today = datetime.now(UTC).date()
    faulty = 0
    for path in files:
        found = _read(path)
        if isinstance(found, list):
            faulty += 1
            _show_faults(path, found)
        elif as_json:
            click.echo(canonical({"tenant": found.tenant, "data": found.update}))
        else:
            click.echo(f"{path}: a policy for {found.tenant}")
            for line in summary(found.update, today, found.holidays):
                click.echo(f"  {line}")
    if faulty:
        raise FaultyPolicyError(f"{faulty} of {len(files)} files faulty" if len(files) > 1 else "the file is faulty")


@command.command("publish")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Show what would change, and send nothing.")
@with_settings
def publish(file: Path, dry_run: bool, settings: Settings) -> None:
    """Check a policy file, show what it changes, and send it to the topic `policies`. - is standard input.

    The tenant's events that come after it in the log are judged by it, whatever their event times. It is sent also
    where it changes nothing: a new policy puts rules back to their modes that the circuit breaker had put in shadow.
    Any earlier policy takes effect again when it is published again. Exit status 1 when the file is faulty.

    \b
    Example:
      sluicegate policy publish acme.toml --broker localhost:9092
    """
    from sluicegate.cli.kafka import sender
    from sluicegate.policies import TOPIC, policy_event
    from sluicegate.policy_file.words import differences
    from sluicegate.topics import name_of
    from sluicegate.wire.events import PolicyUpdate

    found = _read(file)
    if isinstance(found, list):
        _show_faults(file, found)
        raise FaultyPolicyError("not published: the file is faulty")
    if found.holidays:
        click.echo(f"holidays: {len(found.update.holidays)} dates ({found.holidays})")
    last = _history(settings, found.tenant).in_force
    click.echo(f"against {'the defaults' if last is None else last.event_id}, in force for {found.tenant}:")
    for line in differences(PolicyUpdate() if last is None else last.update, found.update) or ["no difference"]:
        click.echo(f"  {line}")
    if dry_run:
        click.echo("nothing was sent")
        return
    event_id, value = policy_event(found.tenant, found.update, time.time_ns() // 1000)
    with sender(settings, linger_ms=0) as out:
        out.send(name_of(TOPIC, settings), value, found.tenant.encode())
    click.echo(f"published as {event_id}; alerts judged by it name this id")


@command.command("show")
@click.argument("tenant")
@click.option("--toml", "as_toml", is_flag=True, help="As a policy file, to be edited and published again.")
@click.option("--history", "history", is_flag=True, help="Every policy there was: when, its id, and what it changed.")
@with_settings
def show(tenant: str, as_toml: bool, history: bool, settings: Settings) -> None:
    """Show the policy of TENANT that is in force, as the topic `policies` has it.

    Which rules the circuit breaker has put in shadow since is told by a notice on the topic `signals`.

    \b
    Example:
      sluicegate policy show acme --toml > acme.toml
    """
    from sluicegate.policy_file.words import summary
    from sluicegate.policy_file.write import write
    from sluicegate.wire.events import PolicyUpdate

    if as_toml and history:
        raise click.UsageError("--toml and --history exclude each other")
    held = _history(settings, tenant)
    last = held.in_force
    if held.refused:
        click.echo(f"{held.refused} updates of {tenant} were refused (`sluicegate dead-letters list`)", err=True)
    if history:
        _show_history(held)
        return
    update = PolicyUpdate() if last is None else last.update
    if as_toml:
        click.echo(write(tenant, update), nl=False)
        return
    if last is None:
        click.echo(f"{tenant} has no policy: the defaults are in force")
    else:
        click.echo(f"{last.event_id} of {_when(last.time)}, from {last.source}")
    for line in summary(update, datetime.now(UTC).date()):
        click.echo(f"  {line}")


def _show_history(held: "History") -> None:
    from sluicegate.policy_file.words import differences
    from sluicegate.wire.events import PolicyUpdate

    before = PolicyUpdate()
    for one in held.policies:
        click.echo(f"{_when(one.time)}  {one.event_id}  {one.source}")
        for line in differences(before, one.update) or ["no difference"]:
            click.echo(f"  {line}")
        before = one.update
    if not held.policies:
        click.echo("there was no policy: the defaults are in force")


def _history(settings: Settings, tenant: str) -> "History":
    """What the topic has of the tenant. Raises BrokerAwayError, TopicMissingError."""
    from sluicegate.cli.kafka import read_all
    from sluicegate.policies import TOPIC, history_of
    from sluicegate.topics import name_of

    return history_of(read_all(settings, name_of(TOPIC, settings)), tenant)


def _read(path: Path) -> "PolicyFile | list[FileFault]":
    from sluicegate.policy_file.read import read

    try:
        text = click.get_text_stream("stdin").read() if path == STANDARD else path.read_text("utf-8-sig")
    except OSError as error:
        raise FileError("read", path, error) from None
    except UnicodeDecodeError as error:
        raise FileError("read", path, f"not UTF-8 at byte {error.start}") from None
    return read(text, datetime.now(UTC).date())


def _show_faults(path: Path, faults: "list[FileFault]") -> None:
    for fault in faults:
        place = f"{fault.path}: " if fault.path else ""
        click.echo(f"{path}:{fault.line}: {place}{fault.message}", err=True)


def _when(time: int) -> str:
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
