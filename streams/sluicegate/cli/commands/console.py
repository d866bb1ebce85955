"""`sluicegate console`: the alert console, and the people who use it."""

import os
import sys
import time

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.console.people import ROLES
from sluicegate.console.settings import load
from sluicegate.settings import Settings

MOST_NAME = 120
_database = click.option(
    "--database", metavar="URL", help="The console's database.  [env: SLUICEGATE_CONSOLE_DATABASE]"
)


@click.group("console", short_help="The alert console: a web page for those who decide.")
def command() -> None:
    """The alert console: live queue, the why of each alert, verdicts back into the stream.

    \b
    Example:
      sluicegate console user add ann --role supervisor
      sluicegate console serve --broker kafka:9092
    """


@command.command("serve")
@setting_options(part("console").settings)
@with_settings
def serve(settings: Settings, **given: str | None) -> None:
    """Serve the console until Ctrl-C or SIGTERM. State is in its database; alerts come from Kafka.

    Somebody has to be able to sign in: add a first admin with `sluicegate console user add`, over the same database.

    \b
    Example:
      sluicegate console serve --broker kafka:9092 --database postgresql+psycopg://console@db/console --port 8080
    """
    chosen = load(os.environ, **given)
    from sluicegate.console.server import serve as run

    run(settings, chosen)


@command.command("rebuild")
@_database
def rebuild(database: str | None) -> None:
    """Forget what was read from Kafka: the next start reads it anew. Verdicts, people and the trail stay.

    Stop the console first. Alerts that the topic no longer holds are gone for good.

    \b
    Example:
      sluicegate console rebuild --database sqlite:///sluicegate-console.db
    """
    from sqlalchemy import delete

    from sluicegate.console.database import open_database
    from sluicegate.console.tables import REBUILT

    engine = open_database(load(os.environ, database=database).database)
    with engine.begin() as connection:
        for table in REBUILT:
            connection.execute(delete(table))
    click.echo("done: the console reads its topics from their beginning when it starts next")


@command.group("user")
def user() -> None:
    """People who may sign in: add them, give them a new password.

    \b
    Example:
      sluicegate console user add ann --role supervisor --tenant acme
    """


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="analyst", show_default=True, help="What they may do.")
@click.option("--tenant", "tenants", multiple=True, help="A tenant that they see; repeat it. `*`: all.  [default: *]")
@click.option("--elsewhere", is_flag=True, help="They sign in by OpenID Connect: no password is asked for.")
@_database
def add(name: str, role: str, tenants: tuple[str, ...], *, elsewhere: bool, database: str | None) -> None:
    """Add somebody. The password is asked for, or read from standard input where that is no terminal.

    A viewer looks; an analyst decides; a supervisor also decides many at once and reads the audit trail; an admin also
    manages people.

    \b
    Example:
      sluicegate console user add ann --role analyst --tenant acme --tenant north
    """
    from sqlalchemy.exc import IntegrityError

    from sluicegate.console.database import open_database
    from sluicegate.console.store import audit, users

    name = " ".join(name.split())
    if not 1 <= len(name) <= MOST_NAME:
        raise click.UsageError(f"a name has 1 to {MOST_NAME} characters")
    password = None if elsewhere else _password()
    engine = open_database(load(os.environ, database=database).database)
    now = time.time_ns() // 1000
    try:
        with engine.begin() as connection:
            users.add(connection, name, password, role, list(tenants or ("*",)), now)  # type: ignore[arg-type]
            audit.note(connection, now, "command line", "add person", name, None, {"role": role})
    except IntegrityError:
        raise click.ClickException(
            f"{name} is there already: give them a new password with `sluicegate console user password {name}`,"
            " or another role on the page People"
        ) from None
    click.echo(f"{name} may sign in as {role}")


@user.command("password")
@click.argument("name")
@_database
def password(name: str, database: str | None) -> None:
    """Give somebody a new password; their sessions end.

    \b
    Example:
      sluicegate console user password ann
    """
    from sluicegate.console.database import open_database
    from sluicegate.console.store import audit, users

    engine = open_database(load(os.environ, database=database).database)
    now = time.time_ns() // 1000
    with engine.begin() as connection:
        found = next((row for row in users.every(connection) if row["name"] == name), None)
        if found is None:
            raise click.ClickException(
                f"there is nobody named {name}: add them with `sluicegate console user add {name}`"
            )
        users.change(connection, found["id"], password=_password())
        audit.note(connection, now, "command line", "new password", name)
    click.echo(f"{name} has a new password")


def _password() -> str:
    from sluicegate.console.store.users import LEAST_PASSWORD

    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    if len(given) < LEAST_PASSWORD:
        raise click.UsageError(f"a password has at least {LEAST_PASSWORD} characters: choose a longer one")
    return given
