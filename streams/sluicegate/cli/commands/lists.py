"""`sluicegate lists`: sanctions lists from their publishers into snapshots on disk, and from there to the stream."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import FileError
from sluicegate.settings import Settings

if TYPE_CHECKING:
    from sluicegate.cli.list_progress import ListProgress
    from sluicegate.lists.refresh import Origin, Refreshed
    from sluicegate.lists.store import Store

FILES = click.Path(path_type=Path)
BY_NAME_ONLY = frozenset({"opensanctions", "private", "starter"})
"""Lists that are not fetched unless asked for: under a licence, without a publisher, and a part of another."""


def with_store(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --dir, and passes `store` instead of it."""

    @click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Of snapshots. Default: ~/.local/share/sluicegate/lists.  [env: SLUICEGATE_LISTS]",
    )
    @wraps(function)
    def command(*args: Any, folder: Path | None, **options: Any) -> Any:
        from sluicegate.lists.store import Store

        return function(*args, store=Store(folder), **options)

    return command


def with_origin(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what says where a list comes from, and passes `origin`."""

    @click.option("--file", "files", type=FILES, multiple=True, help="Read this instead (several times, or a folder).")
    @click.option("--url-base", metavar="URL", help="A mirror: URL/FILE; {list} in it stands for the list's name.")
    @click.option("--max-size", type=click.IntRange(min=1), default=1024, show_default=True, help="MiB of a download.")
    @wraps(function)
    def command(*args: Any, files: tuple[Path, ...], url_base: str | None, max_size: int, **options: Any) -> Any:
        from sluicegate.lists.download import Limits
        from sluicegate.lists.refresh import Origin

        origin = Origin(files, url_base, Limits(max_bytes=max_size << 20))
        return function(*args, origin=origin, **options)

    return command


as_json_lines = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
for_tenant = click.option("--tenant", default="*", show_default=True, help="Whom the list is for; * is all tenants.")
all_again = click.option("--full", is_flag=True, help="Send whole lists, not what changed since the last time.")


@click.group("lists")
def command() -> None:
    """Download sanctions lists, see what changed, and send them to the stream.

    \b
    Example:
      sluicegate lists update
    """


@command.command("update")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_origin
@click.option("--allow-shrink", is_flag=True, help="Take a version that lost more entries than is allowed at once.")
@click.option("--no-publish", is_flag=True, help="Keep the snapshot only; send nothing to Kafka.")
@all_again
@for_tenant
@as_json_lines
@with_store
@with_settings
def update(
    names: tuple[str, ...],
    origin: "Origin",
    allow_shrink: bool,
    no_publish: bool,
    full: bool,
    tenant: str,
    as_json: bool,
    store: "Store",
    settings: Settings,
) -> None:
    """Fetch lists, check them, keep what is new as a snapshot, and send it to the topic `sanctions`.

    Without a NAME: all public lists; opensanctions (it may need a licence) and the starter list only by name. Any
    other NAME is a private list, read by --file from JSON Lines, one entry of the contract's 4.7 a line.

    Only what changed is fetched, and only what changed since the last time is sent. A list is refused, and the last
    good one stays in force, where a file is cut off, empty or of another format, or where more entries are gone than
    is allowed at once. One refused list does not keep the others back. Exit status 1 when a list was not updated.

    \b
    Example:
      sluicegate lists update --broker localhost:9092
      sluicegate lists update acme-watch --file watch.jsonl --tenant acme
      sluicegate lists update ofac-sdn --file downloads/ --no-publish
    """
    from sluicegate.cli import list_text
    from sluicegate.cli.list_progress import list_progress
    from sluicegate.errors import ListDownloadError, operator_action
    from sluicegate.screening.lists.base import ListRefused

    failed: list[str] = []
    done: list[str] = []
    with list_progress() as bars:
        for name in _wanted(names, origin):
            try:
                found = _refresh(store, name, origin, allow_shrink, bars)
            except (ListRefused, ListDownloadError) as error:
                failed.append(name)
                bars.say(f"{name}: {error}\n{operator_action(error)}")
            else:
                done.append(name)
                bars.say(list_text.updated(store, name, found, as_json), err=False)
        if done and not no_publish:
            _publish(store, done, settings, tenant, full, as_json, bars)
    if failed:
        raise click.ClickException(f"not updated: {', '.join(failed)}; what was in force before still is")


@command.command("publish")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@all_again
@for_tenant
@as_json_lines
@with_store
@with_settings
def publish(names: tuple[str, ...], full: bool, tenant: str, as_json: bool, store: "Store", settings: Settings) -> None:
    """Send the versions in force to the topic `sanctions`, as far as it does not have them. No NAME: all lists.

    Which version was sent where is remembered in the folder of snapshots. After something else sent the same list to
    the topic, --full brings both together again.

    \b
    Example:
      sluicegate lists publish ofac-sdn --full
    """
    from sluicegate.cli.list_progress import list_progress

    wanted = names or store.names()
    if not wanted:
        raise click.ClickException("there is no snapshot to send; `sluicegate lists update` makes them")
    with list_progress() as bars:
        _publish(store, [_held(store, name) for name in wanted], settings, tenant, full, as_json, bars)


@command.command("show")
@click.argument("name", required=False)
@as_json_lines
@with_store
def show(name: str | None, as_json: bool, store: "Store") -> None:
    """Show each list: version, age, what it holds, and whether the stream was sent it; or all about one.

    The age counts from when the publisher last had nothing newer. One that is too old is marked OLD.

    \b
    Example:
      sluicegate lists show
      sluicegate lists show ofac-sdn
    """
    from sluicegate.cli import list_text

    now = datetime.now(UTC)
    if name is not None:
        click.echo(list_text.details(store, _held(store, name), now, as_json))
        return
    for line in list_text.overview(store, now, as_json):
        click.echo(line)


@command.command("diff")
@click.argument("name")
@click.argument("versions", nargs=-1, metavar="[VERSION_A [VERSION_B]]")
@as_json_lines
@with_store
def diff(name: str, versions: tuple[str, ...], as_json: bool, store: "Store") -> None:
    """Show what changed between two snapshots of a list: + added, - removed, ~ changed, with the fields.

    Without versions: from the snapshot before the one in force. With one: from that one. The start of a version is
    enough where it is the only one that begins so.

    \b
    Example:
      sluicegate lists diff ofac-sdn
      sluicegate lists diff ofac-sdn 2025-11-26 2025-12-24
    """
    from sluicegate.cli import list_text
    from sluicegate.screening.lists.diff import compare

    before, after = _two_versions(store, _held(store, name), versions)
    old, new = store.load(name, before), store.load(name, after)
    for line in list_text.differences(before, after, compare(old.entries, new.entries), as_json):
        click.echo(line)


@command.command("check")
@click.argument("name", required=False)
@with_origin
@as_json_lines
@with_store
def check(name: str | None, origin: "Origin", as_json: bool, store: "Store") -> None:
    """Read a list and say what is wrong with it; nothing is kept or sent. Exit status 1 when it would be refused.

    Entries that cannot be used do not make a list unusable: each is named with its place.

    \b
    Example:
      sluicegate lists check acme-watch --file watch.jsonl
    """
    from tempfile import TemporaryDirectory

    from sluicegate.cli import list_text
    from sluicegate.cli.list_progress import list_progress
    from sluicegate.lists.files import source_named
    from sluicegate.lists.refresh import compare_with, incoming, last_good

    if name is None and not origin.paths:
        raise click.UsageError("say which list, or which --file")
    (name,) = _wanted((name,) if name else (), origin)
    with list_progress() as bars, bars.watch(name, origin.paths) as watch, TemporaryDirectory() as folder:
        try:
            found = incoming(source_named(name), origin, Path(folder), watch=watch)
            assert found is not None
            bars.say(list_text.checked(found, as_json), err=False)
            compare_with(last_good(store, name)[0], found.loaded)
        except OSError as error:
            raise _file_error(error, origin) from None


def _wanted(names: Sequence[str], origin: "Origin") -> list[str]:
    """Names of lists to work on. Raises UsageError, FileError, ListRefused."""
    from sluicegate.lists.files import recognise
    from sluicegate.lists.store import is_name
    from sluicegate.screening.lists.registry import SOURCES

    if origin.paths and origin.base is not None:
        raise click.UsageError("--file and --url-base exclude each other")
    if origin.paths and len(names) > 1:
        raise click.UsageError("with --file name one list only")
    if origin.paths and not names:
        try:
            return [recognise(origin.paths).source.name]
        except OSError as error:
            raise _file_error(error, origin) from None
    for name in names:
        if not is_name(name):
            raise click.UsageError(f"{name} is no name of a list: small letters, digits and . _ - only")
        if name not in SOURCES and not origin.paths:
            known = ", ".join(SOURCES)
            raise click.UsageError(f"there is no public list {name} ({known}); a private one is read by --file")
    return list(dict.fromkeys(names)) or [name for name in SOURCES if name not in BY_NAME_ONLY]


def _refresh(store: "Store", name: str, origin: "Origin", allow_shrink: bool, bars: "ListProgress") -> "Refreshed":
    from sluicegate.lists.files import source_named
    from sluicegate.lists.refresh import refresh

    try:
        with bars.watch(name, origin.paths) as watch, store.locked(name, bars.say):
            source, now = source_named(name), datetime.now(UTC)
            return refresh(store, source, origin, now, allow_shrink=allow_shrink, watch=watch)
    except OSError as error:
        raise _file_error(error, origin) from None


def _publish(
    store: "Store",
    names: Sequence[str],
    settings: Settings,
    tenant: str,
    full: bool,
    as_json: bool,
    bars: "ListProgress",
) -> None:
    from sluicegate.cli import list_text
    from sluicegate.cli.list_sending import send_lists

    for name, sent in send_lists(store, names, settings, bars, tenant=tenant, full=full):
        bars.say(list_text.published(name, sent, as_json), err=False)


def _held(store: "Store", name: str) -> str:
    if name not in store.names():
        there = ", ".join(store.names()) or "none"
        raise click.ClickException(f"there is no snapshot of {name} in {store.folder} (there: {there})")
    return name


def _two_versions(store: "Store", name: str, asked: Sequence[str]) -> tuple[str, str]:
    kept, state = store.versions(name), store.state(name)
    assert state is not None
    if len(asked) > 2:
        raise click.UsageError("at most two versions can be compared")
    found = []
    for text in asked:
        fitting = [text] if text in kept else [version for version in kept if version.startswith(text)]
        if len(fitting) != 1:
            what = "several versions begin with" if fitting else "there is no version"
            raise click.ClickException(f"{what} {text} of {name}; kept: {', '.join(kept)}")
        found += fitting
    if not found:
        earlier = kept[: kept.index(state.version)] if state.version in kept else kept
        if not earlier:
            raise click.ClickException(f"{name} has one version only: {state.version}")
        found = [earlier[-1]]
    return (found[0], found[1]) if len(found) == 2 else (found[0], state.version)


def _file_error(error: OSError, origin: "Origin") -> Exception:
    """In the terms of the files that were named; an error without a file is left as it is."""
    if error.filename is None:
        return error
    path = Path(str(error.filename))
    return FileError("read" if path in origin.paths else "write", path, error)
