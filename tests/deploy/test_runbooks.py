"""deploy/runbooks: one for each alert, with every part, and nothing in it that does not exist."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from sluicegate.cli.main import cli
from tests.deploy.exposed import unknown
from tests.deploy.monitoring import DEPLOY, RUNBOOKS, Alert, alerts, recorded, run

PAGES = sorted(RUNBOOKS.glob("Sluicegate*.md"))
PARTS = ["What it means", "What the user sees", "Check", "Mend", "Afterwards"]
# programs of others: Kafka's own bin, and what runs containers
_OTHERS = {
    "kafka-broker-api-versions.sh",
    "kafka-configs.sh",
    "kafka-console-consumer.sh",
    "kafka-consumer-groups.sh",
    "kafka-log-dirs.sh",
    "kafka-topics.sh",
    "kafka-transactions.sh",
    "curl",
    "docker",
    "kubectl",
}
_INLINE = re.compile(r"`([^`]+)`")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def blocks(page: Path, language: str) -> list[str]:
    """Lines of a page's blocks of a language."""
    found = re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)
    return [line for block in found for line in block.splitlines() if line]


def mentioned(page: Path) -> list[str]:
    """What stands between backticks in the text, on one line."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return [" ".join(words.split()) for words in _INLINE.findall(text)]


def fault(line: str) -> str:
    """Why a command line of `sluicegate` cannot be; empty where it can."""
    command: click.Command = cli
    words = shlex.split(line)[1:]
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return f"{line}: there is no {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    wrong = [word for word in words if word.startswith("--") and word not in known]
    return f"{line}: no {', '.join(wrong)}" if wrong else ""


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert [page.stem for page in PAGES] == sorted(alert.name for alert in alerts())


@each_page
def test_runbook_has_every_part(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == PARTS
    assert "**Operations**" in text
    assert "**Payroll processors**" in text
    assert re.search(r"Dashboard: Grafana, .*/d/sluicegate-", text)


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_runbook_says_severity_and_team_as_the_rule_does(alert: Alert) -> None:
    page = RUNBOOKS / f"{alert.name}.md"
    assert page.read_text().splitlines()[2] == f"{alert.labels['severity']} · {alert.labels['team']}"
    row = f"| [{alert.name}]({alert.name}.md) | {alert.labels['severity']} | {alert.labels['team']} |"
    assert row in (RUNBOOKS / "README.md").read_text()


@each_page
def test_commands_exist(page: Path) -> None:
    lines = blocks(page, "sh") + [words for words in mentioned(page) if words.startswith("sluicegate ")]
    assert lines
    own = [line for line in lines if line.startswith("sluicegate ")]
    assert [why for why in map(fault, own) if why] == []
    assert {line.split()[0] for line in lines} - {"sluicegate"} <= _OTHERS


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sluicegate lists shows", "there is no shows"),
        ("sluicegate lists show --all", "no --all"),
        ("sluicegate lag --once --broker kafka:9092", ""),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str, said: str) -> None:
    assert fault(line).endswith(said)
    assert bool(fault(line)) == bool(said)


@each_page
def test_queries_ask_for_what_processes_show_and_are_promql(page: Path, tmp_path: Path) -> None:
    queries = blocks(page, "promql")
    assert queries
    assert [wrong for query in queries for wrong in unknown(query, recorded())] == []
    rules = "".join(f"      - {{record: a:b:c{n}, expr: {query!r}}}\n" for n, query in enumerate(queries))
    file = tmp_path / "queries.yml"
    file.write_text(f"groups:\n  - name: queries\n    rules:\n{rules}")
    done = run("promtool", "check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


@each_page
def test_metrics_and_settings_in_the_text_exist(page: Path) -> None:
    from sluicegate.configuration import catalog

    variables = set(catalog())
    for words in mentioned(page):
        if re.fullmatch(r"SLUICEGATE_\w+", words):
            assert words in variables
        elif words.startswith("sluicegate_"):
            name = re.fullmatch(r"(sluicegate_\w+_seconds)", words)
            assert not unknown(words, recorded()) or (name and not unknown(f"{words}_count", recorded())), words


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        assert (RUNBOOKS / target).exists(), target


def test_services_named_are_those_of_compose() -> None:
    import yaml

    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for page in PAGES:
        for line in blocks(page, "sh"):
            if line.startswith("docker compose"):
                last = [
                    word for word in line.split(" logs ")[-1].split() if not word.startswith("-") and not word.isdigit()
                ]
                assert " ps" in line or set(last) <= set(services), line
            elif line.startswith("curl"):
                assert re.search(r"http://([\w-]+):", line)[1] in services  # type: ignore[index]


_PANEL = re.compile(r"Dashboard: Grafana, \*\*(.+?)\*\* \(`/d/([a-z-]+)`\), panel \*(.+?)\*\.")


@each_page
def test_the_dashboard_and_the_panel_it_names_exist(page: Path) -> None:
    ((title, uid, panel),) = _PANEL.findall(page.read_text())
    board = json.loads((DEPLOY / "grafana" / "dashboards" / f"{uid}.json").read_text())
    assert board["uid"] == uid
    assert board["title"].lower() == f"sluicegate: {title.lower()}"
    assert panel in {one["title"] for one in board["panels"]}
