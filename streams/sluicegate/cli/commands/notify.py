"""`sluicegate notify`: alerts by webhook, Slack and e-mail."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.settings import Settings

_SETTINGS = part("notify").settings
_of_file = setting_options([one for one in _SETTINGS if one.field == "endpoints"])
_of_store = setting_options([one for one in _SETTINGS if one.field == "database"])
_of_both = setting_options([one for one in _SETTINGS if one.field in ("endpoints", "database")])
_STATES = ("waiting", "sent", "dead", "superseded")


def _instant(_: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """µs since 1970 of an instant, or of so long ago: 90m, 36h, 7d."""
    from sluicegate.wire.scalars import parse_time

    if text is None:
        return None
    minutes = {"m": 1, "h": 60, "d": 1440}
    if text[:-1].isdigit() and text[-1:] in minutes:
        return time.time_ns() // 1000 - int(text[:-1]) * minutes[text[-1]] * 60_000_000
    found = parse_time(text)
    if found is None:
        raise click.BadParameter("expected an instant such as 2026-06-11T09:00:00Z, or so long ago: 90m, 36h, 7d")
    return found


_since = click.option(
    "--since", metavar="WHEN", callback=_instant, help="From this instant, or since so long: 36h, 7d."
)
_until = click.option("--until", metavar="WHEN", callback=_instant, help="Before this instant.")
_named = click.option("--endpoint", "names", multiple=True, metavar="NAME", help="Of this endpoint only; repeat it.")


@click.group("notify", short_help="Tell others of alerts: webhooks, Slack, e-mail.")
def command() -> None:
    """Tell others of alerts: signed webhooks, Slack, e-mail. Who is told stands in a TOML file.

    \b
    Example:
      sluicegate notify template > notify.toml
      sluicegate notify check --endpoints notify.toml
      sluicegate notify test siem --endpoints notify.toml
      sluicegate notify run --endpoints notify.toml --broker kafka:9092
    """


@command.command("run")
@setting_options(_SETTINGS)
@with_settings
def run(settings: Settings, **given: str | None) -> None:
    """Deliver alerts until SIGTERM or Ctrl-C. Nothing is lost when it is killed; a receiver may see an id twice.

    What is to be delivered waits in the database with the place up to which the topic is read. Of several processes
    over one database one works, and another takes over when it ends. /metrics, /livez and /readyz are on --port.

    \b
    Example:
      sluicegate notify run --endpoints notify.toml --broker kafka:9092
    """
    from sluicegate.cli.service import until_stopped
    from sluicegate.notify.endpoint_file import load as load_endpoints
    from sluicegate.notify.notifier import Notifier
    from sluicegate.notify.settings import load
    from sluicegate.rights import enter

    own = load(os.environ, **given)
    enter(settings, "notify")
    notifier = Notifier(settings, own, load_endpoints(own.endpoints))
    url = f"http://{own.host}:{notifier.ops.port}/metrics"
    until_stopped(settings, "notifier", url, notifier.run, notifier.stop)


@command.command("check")
@_of_file
def check(**given: str | None) -> None:
    """Look whether the endpoint file is sound: keys, values, secrets, certificates, templates. Sends nothing.

    \b
    Example:
      sluicegate notify check --endpoints notify.toml
    """
    from sluicegate.notify.endpoint_file import load as load_endpoints
    from sluicegate.notify.notifier import senders_of
    from sluicegate.notify.settings import load

    file = load_endpoints(load(os.environ, **given).endpoints)
    senders_of(file)
    for one in file.endpoints:
        filters = {"tenants": one.tenants, "families": one.families, "activities": one.activities, "rules": one.rules}
        told = [f"{name} {', '.join(values)}" for name, values in filters.items() if values]
        told += [f"from {one.min_severity} up"] * (one.min_severity != "low")
        names = "with names" if one.personal_data else "without names"
        click.echo(f"{one.name:20} {one.kind:8} {'; '.join(told) or 'every alert'}; {one.revisions} revision; {names}")


@command.command("template")
def template() -> None:
    """Print an endpoint file to start from: every key, what it means, and its default.

    \b
    Example:
      sluicegate notify template > notify.toml
    """
    from sluicegate.notify.rendering import TEMPLATES

    click.echo((TEMPLATES / "endpoints.toml").read_text("utf-8"), nl=False)


@command.command("test")
@click.argument("name")
@_of_file
def try_endpoint(name: str, **given: str | None) -> None:
    """Send one endpoint a message that says it is a test, and tell what it answers. Exit status 1 where it fails.

    \b
    Example:
      sluicegate notify test siem --endpoints notify.toml
    """
    import asyncio

    from sluicegate.notify.endpoint_file import load as load_endpoints
    from sluicegate.notify.settings import load
    from sluicegate.notify.trying import attempt

    file = load_endpoints(load(os.environ, **given).endpoints)
    known = [one.name for one in file.endpoints]
    if name not in known:
        raise click.UsageError(f"there is no endpoint {name}; there are: {', '.join(known)}")
    result = asyncio.run(attempt(file, name, time.time_ns() // 1000))
    click.echo(f"{name}: {result.outcome}{f' ({result.reason})' if result.reason else ''}")
    sys.exit(0 if result.outcome == "sent" else 1)


@command.command("list")
@click.option("--dead", "state", flag_value="dead", help="What was given up.")
@click.option("--waiting", "state", flag_value="waiting", help="What waits, or is tried again.")
@click.option("--sent", "state", flag_value="sent", help="What was delivered.")
@_named
@_since
@_until
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@_of_store
def list_deliveries(
    state: str | None,
    names: tuple[str, ...],
    since: int | None,
    until: int | None,
    limit: int,
    as_json: bool,
    **given: str | None,
) -> None:
    """Show deliveries: of which alert, to whom, how often tried, and why not delivered.

    \b
    Example:
      sluicegate notify list --dead --since 36h
    """
    import msgspec

    from sluicegate.notify.settings import load
    from sluicegate.notify.store.database import opened
    from sluicegate.notify.store.replaying import Wanted, listed
    from sluicegate.wire.scalars import format_time

    wanted = Wanted(endpoints=names, states=(state,) if state else _STATES, since=since, until=until)
    with opened(load(os.environ, **given).database) as engine, engine.connect() as connection:
        rows = listed(connection, wanted, limit)
    for row in rows:
        shown = msgspec.structs.asdict(row)
        times = ("entered_at", "not_before", "finished_at")
        shown |= {key: format_time(shown[key]) for key in times if shown[key] is not None}
        if as_json:
            click.echo(json.dumps(shown))
        else:
            why = f"  {row.reason}" if row.reason else ""
            click.echo(
                f"{shown['entered_at'][:19]}Z  {row.endpoint:20} {row.state:10} {row.attempts:4}x  "
                f"{row.severity:8} {row.tenant:16} {row.event_id}{why}"
            )
    if not as_json:
        click.echo(f"{len(rows):,} shown")


@command.command("replay")
@_named
@click.option("--id", "ids", multiple=True, metavar="ID", help="Of this alert, revision or webhook-id; repeat it.")
@_since
@_until
@click.option("--sent", is_flag=True, help="Also what was delivered already.")
@click.option("--from-topic", is_flag=True, help="Also what the store never had, or has forgotten; needs --since.")
@_of_both
@with_settings
def replay(
    settings: Settings,
    names: tuple[str, ...],
    ids: tuple[str, ...],
    since: int | None,
    until: int | None,
    sent: bool,
    from_topic: bool,
    **given: str | None,
) -> None:
    """Let what was given up wait once more; the running notifier delivers it, under the same ids.

    An endpoint that was disabled (410 Gone) is enabled by naming it. With --from-topic alerts of a period are read from
    Kafka anew, for an endpoint that is new, say; only those that match its filters wait for it.

    \b
    Example:
      sluicegate notify replay --endpoint siem
      sluicegate notify replay --id al_084a4cb75606c5da14365bb8f5173bf9
      sluicegate notify replay --endpoint new-siem --since 7d --from-topic
    """
    from sluicegate.notify.endpoint_file import load as load_endpoints
    from sluicegate.notify.settings import load
    from sluicegate.notify.store.database import opened
    from sluicegate.notify.store.replaying import Wanted, again, enable

    if not names and not ids and since is None:
        raise click.UsageError("say which: --endpoint, --id or --since")
    if from_topic and (since is None or ids):
        raise click.UsageError("--from-topic goes with --since and without --id")
    own = load(os.environ, **given)
    endpoints = load_endpoints(own.endpoints).endpoints
    known = [one.name for one in endpoints]
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"there is no endpoint {', '.join(unknown)}; there are: {', '.join(known)}")
    chosen = [one for one in endpoints if not names or one.name in names]
    states = ("dead", "sent") if sent else ("dead",)
    now = time.time_ns() // 1000
    with opened(own.database) as engine:
        with engine.begin() as connection:
            enable(connection, names)
            if not from_topic:
                of = tuple(one.name for one in chosen)
                wanted = Wanted(endpoints=of, ids=ids, states=states, since=since, until=until)
                count = again(connection, wanted, now)
        if from_topic:
            from sluicegate.notify.again import from_topic as read

            with _progress() as told:
                count = read(settings, engine, chosen, (since or 0, until or now), states, told)
    click.echo(f"{count:,} wait once more")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Told how many records are read, and of how many: a bar, where there is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("reading alerts", total=None)

        def told(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield told
