"""Reference pages made from the objects they describe, so that they cannot lag: commands, rules, settings, metrics."""

import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sluicegate.environment import Setting
    from sluicegate.instruments import Instruments

__all__ = ["pages"]

_NOTE = "<!-- Made by `sluicegate docs`; do not edit. -->\n"


def pages() -> dict[str, str]:
    """File name -> Markdown."""
    makers = {"commands": _commands, "rules": _rules, "settings": _settings, "metrics": _metrics, "logs": _logs}
    return {f"{name}.md": _NOTE + "\n".join(make()).rstrip() + "\n" for name, make in makers.items()}


def _commands() -> Iterator[str]:
    from sluicegate.cli.main import cli

    yield "# Commands\n"
    yield from _command(cli, "sluicegate")


def _command(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        if name != "sluicegate":
            yield f"## {name}\n"
            yield from _help(command)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            yield from _command(found, f"{name} {sub}")
        return
    yield f"{'#' * min(3, name.count(' ') + 1)} {name}\n"
    yield f"    {name} {' '.join(command.collect_usage_pieces(context))}\n"
    yield from _help(command)
    options = [param for param in command.params if isinstance(param, click.Option)]
    rows = [(", ".join(f"`{opt}`" for opt in option.opts), _value(option), _meaning(option)) for option in options]
    if rows:
        yield from _table(("option", "value", "meaning"), rows)


def _help(command: click.Command) -> Iterator[str]:
    """The help text; what stands behind `\\b` is an example and stays as it is."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b"):
            yield "\n".join(f"    {line.strip()}" for line in paragraph.splitlines()[2:]) + "\n"
        else:
            yield " ".join(paragraph.split()) + "\n"


def _value(option: click.Option) -> str:
    if option.is_flag:
        return "flag"
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return ", ".join(str(choice) for choice in option.type.choices)
    return option.type.name.removesuffix(" range")


def _meaning(option: click.Option) -> str:
    default = f" Default: {option.default}." if option.show_default and not option.is_flag else ""
    variable = f"  [env: {option.envvar}]" if option.show_envvar else ""
    return f"{option.help or ''}{default}{variable}"


def _rules() -> Iterator[str]:
    from sluicegate.cli.rule_page import pages as rule_pages
    from sluicegate.rules.base import CLAUSES

    yield "# Rules\n"
    yield "Parameters are set per tenant by `policy.update.v1` (`rules`, slug, `params`); bounds are inclusive.\n"
    found = rule_pages()
    yield "## False Pretenses\n"
    yield (
        "Nacha asks that payments induced by False Pretenses be watched for. Here is which rules show signs of which "
        "clause of its definition. Documented procedures are expected besides, to be reviewed at least once a year.\n"
    )
    covered = {text: [f"`{page.slug}`" for page in found if text in page.clauses] for text in CLAUSES.values()}
    yield from _table(("clause", "rules"), [(text, ", ".join(slugs)) for text, slugs in covered.items()])
    for page in found:
        yield f"## {page.slug}\n"
        yield f"{page.letter}, family {page.family}, version {page.version}. {page.title}\n"
        for heading, text in (
            ("Why", page.why),
            ("Looks at", ", ".join(f"`{kind}`" if "." in kind else kind for kind in page.looks_at)),
            ("Evidence", page.evidence),
            ("False positives", page.false_positives),
            ("Next step", page.next_step),
            ("False Pretenses (Nacha)", "; ".join(page.clauses)),
            ("Sources", "; ".join(page.sources)),
            ("Scenarios", f"fires in {', '.join(page.fires)}; silent in {', '.join(page.silent)}"),
        ):
            if text:
                yield f"**{heading}**: {text}\n"
        rows = [(f"`{p.name}`", p.standard, p.unit, p.bounds, p.meaning) for p in page.parameters]
        head = ("parameter", "default", "unit", "bounds", "meaning")
        yield from _table(head, rows) if rows else ("No parameters.\n",)


def _settings() -> Iterator[str]:
    from sluicegate.configuration import LOOSE, PARTS

    yield "# Settings\n"
    yield (
        "Environment variables, read at start. Any other that begins with `SLUICEGATE_` is refused, whichever process "
        "starts, but for those that Kubernetes makes for its Services. Bounds are inclusive unless they say otherwise. "
        "`sluicegate config show` tells the values in effect, `sluicegate config check` everything that is wrong.\n"
    )
    for part in PARTS:
        secrets = any(setting.secret for setting in part.settings)
        yield f"## {part.title}\n"
        yield f"`sluicegate {part.command}` has an option for each{' but secrets' if secrets else ''}.\n"
        yield from _setting_rows(part.settings)
    yield "## Wherever they are needed\n"
    yield from _setting_rows(LOOSE)


def _logs() -> Iterator[str]:
    from sluicegate.log_events import EVENTS
    from sluicegate.tracing import SPANS

    yield "# Logs and traces\n"
    yield (
        "Every process logs to standard error, `SLUICEGATE_LOG_LEVEL` and worse, as lines for people or, with "
        "`SLUICEGATE_LOG_FORMAT=json`, as one JSON object a line: `time` (UTC), `level`, `logger`, `service` (worker, "
        "console, lag, canary), `event`, `message`, fields of the event such as `topic`, `partition`, `offset` or "
        "`seconds`, and where there is an error its class as `error`, what to do as `action` and where it came from as "
        "`exception`. Libraries are heard from warnings up, in the same format and without `event`. No line holds "
        "data of a payment, payee or account.\n"
    )
    yield "## Events\n"
    yield from _table(("event", "meaning"), [(f"`{name}`", meaning) for name, meaning in EVENTS.items()])
    yield "## Spans\n"
    yield (
        "With `SLUICEGATE_OTLP_ENDPOINT` (and `pip install 'sluicegate[otel]'`) these go to an OpenTelemetry "
        "collector, each a trace of its own. OpenTelemetry's variables OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG "
        "and OTEL_EXPORTER_OTLP_HEADERS hold.\n"
    )
    yield from _table(("span", "of"), [(f"`{name}`", meaning) for name, meaning in SPANS.items()])


def _setting_rows(settings: "Iterable[Setting]") -> Iterator[str]:
    rows = [
        (f"`{one.variable}`", one.default, one.kind, one.bounds, one.unit, f"{one.meaning}{'; secret' * one.secret}")
        for one in settings
    ]
    yield from _table(("variable", "default", "type", "allowed", "unit", "meaning"), rows)


def _metrics() -> Iterator[str]:
    from sluicegate.canary.figures import Figures as Canary
    from sluicegate.clearance.figures import COUNTERS
    from sluicegate.clearance.figures import GAUGES as CLEARANCE
    from sluicegate.console.figures import GAUGES, REQUESTS
    from sluicegate.folder.figures import GAUGES as FOLDER
    from sluicegate.folder.figures import Figures as Folder
    from sluicegate.gateway.figures import Figures as Gateway
    from sluicegate.lag.figures import GAUGES as LAG
    from sluicegate.lag.figures import Figures as Lag
    from sluicegate.metrics import Metrics
    from sluicegate.notify.figures import Figures as Notify

    yield "# Metrics\n"
    yield "In seconds, bytes and records. No label holds a tenant, payee or account.\n"
    yield "## A worker\n"
    yield "At `/metrics` of the web port.\n"
    head = ("metric", "type", "labels", "meaning")
    yield from _table(head, _instruments(Metrics().instruments))
    yield "## The console\n"
    yield "At `/metrics` of its port for operations.\n"
    requests = next(iter(REQUESTS.describe()))
    own = [(f"`{requests.name}`", requests.type, "page", requests.documentation)]
    own += [
        (f"`sluicegate_console_{name}`", "gauge", ", ".join(labels), told) for name, (told, labels) in GAUGES.items()
    ]
    yield from _table(head, own)
    yield "## The lag exporter\n"
    yield "At `/metrics` of its port. Topics are called as in the contract, whatever their prefix.\n"
    gauges = [(f"`sluicegate_lag_{name}`", "gauge", ", ".join(labels), told) for name, (told, labels) in LAG.items()]
    yield from _table(head, [*gauges, *_instruments(Lag(lambda: 0.0).instruments)])
    yield "## The canary\n"
    yield "At `/metrics` of its port.\n"
    yield from _table(head, _instruments(Canary().instruments))
    yield "## The gateway\n"
    yield "At `/metrics` of its port for operations.\n"
    yield from _table(head, _instruments(Gateway().instruments))
    yield "The clearance of runs is part of it:\n"
    runs = [(f"`sluicegate_clearance_{name}`", "gauge", "", told) for name, told in CLEARANCE.items()]
    runs += [
        (f"`sluicegate_clearance_{name}_total`", "counter", "decision" * (name == "decisions_read"), told)
        for name, told in COUNTERS.items()
    ]
    yield from _table(head, runs)
    yield "## The notifier\n"
    yield "At `/metrics` of its port.\n"
    yield from _table(head, _instruments(Notify().instruments))
    yield "## The folder watcher\n"
    yield "At `/metrics` of its port for operations, where it has one.\n"
    files = [(f"`sluicegate_folder_{name}`", "gauge", "", told) for name, told in FOLDER.items()]
    yield from _table(head, [*files, *_instruments(Folder(lambda: dict.fromkeys(FOLDER, 0.0)).instruments)])


def _instruments(made: "Instruments") -> list[tuple[str, ...]]:
    """Rows of what is declared."""
    return [
        (f"`{one.name}`", one.kind, "; ".join(_label(*label) for label in one.sets.items()), one.meaning)
        for one in made.declared
    ]


def _label(name: str, values: tuple[str, ...]) -> str:
    """A label and what it says: its values where they are few, else how many there are."""
    if not values:
        return f"{name}: its number"
    return f"{name}: {', '.join(values)}" if len(values) <= 13 else f"{name}: one of {len(values)}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", r"\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""
