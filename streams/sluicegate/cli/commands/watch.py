"""`sluicegate watch`: alerts in the terminal as they are raised."""

import sys
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import follow, with_settings
from sluicegate.settings import Settings
from sluicegate.wire.canary import CANARY_TENANT

if TYPE_CHECKING:
    from sluicegate.cli.alert_text import View

LEVELS = ("low", "medium", "high", "critical")


@click.command("watch")
@click.option("--signals", is_flag=True, help="Show findings that raised no alert instead.")
@click.option("--dead-letters", is_flag=True, help="Show refused records instead.")
@click.option("--tenant", multiple=True, help="Of this tenant only (may be given several times).")
@click.option("--severity", type=click.Choice(LEVELS), help="Of this severity and above.")
@click.option(
    "--rule", multiple=True, metavar="SLUG", help="With this rule among the reasons (several times: any of them)."
)
@click.option("--subject", help="About this subject, by its id, such as a payee's.")
@click.option("--canary", is_flag=True, help="Show what the canary's payments raise, too.")
@click.option("--json", "as_json", is_flag=True, help="The events as they are, one per line.")
@click.option("--from-beginning", is_flag=True, help="First show what there is already.")
@click.option("--count", type=click.IntRange(min=1), help="End after this many.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="End after this time.")
@with_settings
def command(
    settings: Settings,
    signals: bool,
    dead_letters: bool,
    tenant: tuple[str, ...],
    severity: str | None,
    rule: tuple[str, ...],
    subject: str | None,
    canary: bool,
    as_json: bool,
    from_beginning: bool,
    count: int | None,
    timeout: float | None,
) -> None:
    """Show alerts as they are raised, with their reasons in words.

    Only committed ones are seen.

    Exit status 1 when --count were not seen within --timeout.

    \b
    Example:
      sluicegate watch --severity high --tenant acme
    """
    from rich.console import Console

    from sluicegate.cli.alert_text import decode, letter_text, text
    from sluicegate.cli.list_notice import list_notice
    from sluicegate.topics import name_of

    if signals and dead_letters:
        raise click.UsageError("--signals and --dead-letters exclude each other")
    if dead_letters and (tenant or severity or rule or subject):
        raise click.UsageError("dead letters have no tenant, severity, rule or subject")
    _check_rules(rule)
    topic = name_of("dead-letters" if dead_letters else "signals" if signals else "alerts", settings)
    console = Console(highlight=False, soft_wrap=True)
    seen = 0

    def ready() -> None:
        click.echo(f"watching {topic}; Ctrl-C ends it", err=True)
        if not dead_letters and (notice := list_notice(settings)):
            click.echo(notice, err=True)

    for record in follow(settings, topic, from_beginning=from_beginning, timeout=timeout, on_ready=ready):
        if record.value is None:
            continue
        if dead_letters:
            shown = letter_text(record.value)
        else:
            alert = decode(record.value)
            if alert is None or not _wanted(alert, tenant, severity, rule, subject):
                continue
            if alert.tenant_id == CANARY_TENANT and not canary and CANARY_TENANT not in tenant:
                continue
            shown = text(alert)
        if as_json:
            sys.stdout.buffer.write(record.value + b"\n")
            sys.stdout.flush()
        else:
            console.print(shown, end="\n\n", markup=False)
        seen += 1
        if seen == count:
            return
    if count is not None:
        raise click.ClickException(f"{seen} of {count} seen within {timeout:g} s")


def _check_rules(slugs: tuple[str, ...]) -> None:
    """Raises UsageError for a rule that does not exist: nothing would ever be shown of it."""
    from sluicegate.rules.registry import RULES

    for slug in slugs:
        if slug not in RULES:
            raise click.UsageError(f"there is no rule {slug}; `sluicegate rules list` shows them")


def _wanted(
    alert: "View", tenants: tuple[str, ...], severity: str | None, rules: tuple[str, ...], subject: str | None
) -> bool:
    level = LEVELS.index(alert.severity) if alert.severity in LEVELS else -1
    return (
        (not tenants or alert.tenant_id in tenants)
        and (severity is None or level >= LEVELS.index(severity))
        and (not rules or any(reason.rule in rules for reason in alert.reasons))
        and (subject is None or subject == alert.subject.id)
    )
