"""Dashboards: as fresh as the code they are made by, of the schema, explained, and about series that are there."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.panels import RUNBOOKS as BASE
from deploy.grafana.rendered import FOLDER, rendered
from tests.deploy.exposed import exposed, unknown
from tests.deploy.monitoring import DEPLOY, RUNBOOKS, recorded

COMMITTED = {file.name: file.read_text() for file in sorted(FOLDER.glob("*"))}
UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
COLUMNS, MOST_PANELS = 24, 20

each = pytest.mark.parametrize("name", rendered())


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(COMMITTED[name])
    return found


def panels(name: str) -> list[dict[str, Any]]:
    """Those that show something: without the heads of rows."""
    return [panel for panel in board(name)["panels"] if panel["type"] != "row"]


def expressions(name: str) -> Iterator[tuple[str, str]]:
    """Title -> expression, of panels and of marks."""
    for panel in panels(name):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for mark in board(name)["annotations"]["list"]:
        yield mark["name"], mark["expr"]


def test_the_committed_files_are_those_that_the_code_makes() -> None:
    assert rendered() == COMMITTED, "stale: run `python -m deploy.grafana`"


@each
def test_a_file_read_by_the_schema_and_written_again_is_the_same(name: str) -> None:
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(board(name)), cls=JSONEncoder))
    expected = board(name)
    for mark in expected["annotations"]["list"]:  # Prometheus' own, of which the schema does not know
        assert mark.pop("titleFormat")
        assert mark.pop("textFormat")
    assert again == expected


@each
def test_a_panel_has_a_title_a_unit_that_grafana_knows_and_plain_words(name: str) -> None:
    for panel in panels(name):
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert len(panel["description"].split()) >= 8, panel["title"]
        assert panel["description"].endswith("."), panel["title"]


@each
def test_a_panel_links_to_a_runbook_that_is_there(name: str) -> None:
    for panel in panels(name):
        (link,) = panel["links"]
        base, _, file = link["url"].rpartition("/")
        assert base == BASE
        assert (RUNBOOKS / file).is_file(), (panel["title"], file)


@each
def test_expressions_ask_only_for_series_and_labels_that_are_there(name: str) -> None:
    for title, expression in expressions(name):
        assert unknown(expression, recorded()) == [], title


@each
def test_choices_are_of_a_label_that_the_series_has_and_are_used(name: str) -> None:
    text = json.dumps(board(name)["panels"])
    for variable in board(name)["templating"]["list"]:
        assert f"${variable['name']}" in text or f"${{{variable['name']}" in text, variable["name"]
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((\w+)(?:\{.*\})?, (\w+)\)", variable["query"]["query"])
            assert found is not None, variable
            series, label = found.groups()
            assert label == "instance" or label in exposed()[series], variable


@each
def test_variables_in_expressions_are_defined(name: str) -> None:
    defined = {variable["name"] for variable in board(name)["templating"]["list"]} | {
        "__rate_interval",
        "__interval_ms",
    }
    for title, expression in expressions(name):
        assert set(re.findall(r"\$\{?(\w+)", expression)) <= defined, title


@each
def test_panels_stand_on_the_grid_and_none_on_another(name: str) -> None:
    places = [panel["gridPos"] for panel in board(name)["panels"]]
    for place in places:
        assert place["x"] + place["w"] <= COLUMNS, place
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@each
def test_a_dashboard_is_small_and_its_ids_and_titles_are_its_own(name: str) -> None:
    assert len(panels(name)) <= MOST_PANELS
    ids = [panel["id"] for panel in board(name)["panels"]]
    titles = [panel["title"] for panel in panels(name)]
    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)
    assert board(name)["timezone"] == "utc"


def test_dashboards_are_told_apart_by_uid_and_title_and_link_to_each_other() -> None:
    found = [board(name) for name in COMMITTED]
    for field in ("uid", "title"):
        assert len({one[field] for one in found}) == len(found) == 5
    for one in found:
        (link,) = one["links"]
        assert link["type"] == "dashboards"
        assert set(link["tags"]) <= set(one["tags"])


def test_grafana_is_told_of_the_folder_that_the_compose_file_mounts_and_of_its_prometheus() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "sluicegate.yml").read_text())["providers"]
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    assert source["url"].removeprefix("http://").partition(":")[0] in services
