"""`sluicegate gateway`: events in by HTTP, and the tokens of those who send them."""

import os
import time
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.settings import Settings

if TYPE_CHECKING:
    from sluicegate.gateway.tokens import TokenFile

_SCOPES = ("events", "policy", "dispositions", "runs")
_tokens = click.option(
    "--tokens", metavar="FILE", help="File of the tokens' digests.  [env: SLUICEGATE_GATEWAY_TOKENS]"
)


@click.group("gateway", short_help="Events in by HTTP, and the clearance of pay runs.")
def command() -> None:
    """The HTTP gateway: POST CloudEvents, acknowledged once Kafka holds them.

    \b
    Example:
      sluicegate gateway token new --tenant acme --name "payroll system"
      sluicegate gateway serve --broker kafka:9092
    """


@command.command("serve")
@setting_options(part("gateway").settings)
@with_settings
def serve(settings: Settings, **given: str | None) -> None:
    """Serve until Ctrl-C or SIGTERM, which lets what is under way finish.

    `GET /openapi.json` describes the calls. /livez, /readyz and /metrics are on --ops-port.

    \b
    Example:
      sluicegate gateway serve --broker kafka:9092 --tokens tokens.json
      sluicegate gateway serve --host 0.0.0.0 --tls-cert-file gateway.pem --tls-key-file gateway.key
    """
    from sluicegate.gateway.server import serve as run
    from sluicegate.gateway.settings import load

    run(settings, load(os.environ, **given))


@command.group("token")
def token() -> None:
    """Tokens of those who send: one tenant each, good until they expire or are revoked.

    \b
    Example:
      sluicegate gateway token list
    """


@token.command("new")
@click.option("--tenant", required=True, metavar="TENANT", help="Whose events it is good for.")
@click.option("--name", required=True, metavar="TEXT", help="Who uses it, for the list of tokens.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="It is good for so long.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(_SCOPES),
    multiple=True,
    help="What it is good for; repeat it.  [default: events]",
)
@_tokens
def new(tenant: str, name: str, days: int, scopes: tuple[str, ...], tokens: str | None) -> None:
    """Make a token, and show it this once. A gateway that runs knows it at once.

    \b
    Example:
      sluicegate gateway token new --tenant acme --name "payroll system" --scope events --scope runs
    """
    import msgspec

    from sluicegate.wire.scalars import Tenant

    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise click.UsageError("a name has 1 to 80 characters")
    try:
        msgspec.convert(tenant, Tenant)
    except msgspec.ValidationError:
        raise click.UsageError("--tenant is no tenant id as events have it") from None
    if tenant == "*":
        raise click.UsageError("a token is of one tenant")
    text, made = _file(tokens).add(name, tenant, scopes or ("events",), time.time_ns() // 1000, days)  # type: ignore[arg-type]
    click.echo(f"token {made.id} of {tenant}, good until {made.expires}; it is not shown again:", err=True)
    click.echo(text)


@token.command("list")
@_tokens
def listed(tokens: str | None) -> None:
    """Show the tokens there are, without what is secret.

    \b
    Example:
      sluicegate gateway token list --tokens tokens.json
    """
    now = time.time_ns() // 1000
    held = _file(tokens).read()
    rows = [
        ("id", "tenant", "name", "scopes", "expires"),
        *(
            (one.id, one.tenant, one.name, " ".join(one.scopes), one.expires + " (expired)" * one.expired(now))
            for one in held
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


@token.command("revoke")
@click.argument("id")
@_tokens
def revoke(id: str, tokens: str | None) -> None:
    """Take a token away. A gateway that runs refuses it from its next request on.

    \b
    Example:
      sluicegate gateway token revoke 3f9c01ab
    """
    gone = _file(tokens).revoke(id)
    if gone is None:
        raise click.ClickException(f"there is no token {id}: `sluicegate gateway token list` shows those there are")
    click.echo(f"token {gone.id} of {gone.tenant} is revoked")


def _file(tokens: str | None) -> "TokenFile":
    from sluicegate.gateway.settings import load
    from sluicegate.gateway.tokens import TokenFile

    return TokenFile(load(os.environ, tokens=tokens).tokens)
