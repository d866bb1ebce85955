"""The calls on runs, over a view that is filled by hand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sluicegate.clearance.api import routes
from sluicegate.clearance.feed import RunFeed
from sluicegate.clearance.service import Clearance
from sluicegate.clearance.taking import read_announcement, take_announcements, take_decisions
from sluicegate.gateway.refusals import RefusedError
from sluicegate.gateway.settings import GatewaySettings
from sluicegate.settings import Settings
from tests.unit.clearance.records import TENANT, announced, decided


class Gate:
    """As the gateway's: it knows whose token it was, and answers refusals."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["tenant"] = TENANT
        try:
            await self._app(scope, receive, send)
        except RefusedError as refused:
            await Response(refused.body, refused.status, refused.headers)(scope, receive, send)


class Wrote:
    """What Kafka would have acknowledged."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes]] = []

    async def send(self, topic: str, key: str, value: bytes) -> None:
        self.records.append((topic, key, value))


@pytest.fixture
def wrote() -> Wrote:
    return Wrote()


class Api:
    """Asks the application, without a network."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, options))

    def put(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("PUT", path, options))

    async def _ask(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://gateway") as client:
            return await client.request(method, path, **options)


@pytest.fixture
def api(view: Engine, wrote: Wrote) -> Api:
    app = Starlette(routes=routes(), middleware=[Middleware(Gate)])
    app.state.producer = wrote
    app.state.clearance = Clearance(Settings(), GatewaySettings())
    app.state.clearance._engine = view
    return Api(app)


def fill(view: Engine, *found: Any) -> None:
    with view.begin() as connection:
        take_announcements(connection, [one for one in found if hasattr(one.data, "payments")])
        take_decisions(connection, [one for one in found if not hasattr(one.data, "payments")])


def test_run_nobody_knows_is_not_found(api: Api) -> None:
    assert api.get("/v1/runs/R1").status_code == 404
    assert api.get("/v1/runs").json() == {"runs": [], "next": None}


def test_run_is_shown_with_its_payments_page_by_page(api: Api, view: Engine) -> None:
    fill(view, announced(3, "30 USD", at=4_000_000_000_000_000), decided("P1"), decided("P2", "hold"), decided("P3"))
    run = api.get("/v1/runs/R1", params={"limit": 2}).json()
    assert (run["status"], run["scored"], run["waiting"], run["next"]) == ("held", 3, 0, "P2")
    assert [(one["payment_id"], one["decision"], one["rules"]) for one in run["payments"]] == [
        ("P1", "release", []),
        ("P2", "hold", ["changed-account"]),
    ]
    rest = api.get("/v1/runs/R1", params={"limit": 2, "after": "P2"}).json()
    assert ([one["payment_id"] for one in rest["payments"]], rest["next"]) == (["P3"], None)
    held = api.get("/v1/runs/R1", params={"decision": "hold"}).json()
    assert [one["payment_id"] for one in held["payments"]] == ["P2"]
    assert api.get("/v1/runs/R1", params={"limit": 0}).json()["payments"] == []
    assert [one["run_id"] for one in api.get("/v1/runs").json()["runs"]] == ["R1"]


def test_ids_with_slashes_are_one_run(api: Api, view: Engine) -> None:
    fill(view, decided("P1", run="MSG-1/PMT 1"))
    assert api.get("/v1/runs/MSG-1/PMT%201").json()["run_id"] == "MSG-1/PMT 1"
    assert api.get("/v1/runs/MSG-1%2FPMT%201").json()["run_id"] == "MSG-1/PMT 1"


def test_nothing_new_is_told_in_few_bytes_and_waited_for(api: Api, view: Engine) -> None:
    fill(view, decided("P1"))
    tag = api.get("/v1/runs/R1").headers["etag"]
    again = api.get("/v1/runs/R1", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    fill(view, decided("P2"))
    answer = api.get("/v1/runs/R1", params={"wait": 30}, headers={"if-none-match": tag})
    assert (answer.status_code, answer.json()["scored"]) == (200, 2)
    tag = answer.headers["etag"]
    assert api.get("/v1/runs/R1", params={"wait": 1}, headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"limit": "1001"}, "/limit"),
        ({"limit": "-1"}, "/limit"),
        ({"limit": "x"}, "/limit"),
        ({"wait": "31"}, "/wait"),
        ({"decision": "held"}, "/decision"),
    ],
)
def test_questions_that_are_not_understood_are_refused(api: Api, query: dict[str, str], path: str) -> None:
    answer = api.get("/v1/runs/R1", params=query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


def test_page_of_runs_is_asked_for_by_what_the_last_one_said(api: Api, view: Engine) -> None:
    fill(view, *(decided("P", run=f"R{n}", at=10_000_000 + n) for n in range(3)))
    first = api.get("/v1/runs", params={"limit": 2}).json()
    assert [one["run_id"] for one in first["runs"]] == ["R2", "R1"]
    rest = api.get("/v1/runs", params={"limit": 2, "before": first["next"]}).json()
    assert ([one["run_id"] for one in rest["runs"]], rest["next"]) == (["R0"], None)
    assert api.get("/v1/runs", params={"before": "yesterday"}).status_code == 422


def test_announcement_is_written_as_the_view_reads_it(api: Api, wrote: Wrote) -> None:
    body = {"payments": 1, "totals": [{"value": "10.00", "currency": "USD"}], "payment_ids": ["P1"]}
    answer = api.put("/v1/runs/R1", json=body | {"release_at": "2026-02-01T09:00:00+01:00"})
    assert (answer.status_code, answer.json()["payments"]) == (202, 1)
    ((topic, key, value),) = wrote.records
    assert (topic, key) == ("runs", TENANT)
    told = read_announcement(value)
    assert (told.tenant, told.data.run_id, told.data.payment_ids) == (TENANT, "R1", ("P1",))
    assert json.loads(value)["data"]["release_at"] == "2026-02-01T08:00:00Z"


FAULTY: list[tuple[Any, str]] = [
    ([], ""),
    ({"totals": []}, "/payments"),
    ({"payments": -1, "totals": []}, "/payments"),
    ({"payments": 1, "totals": [{"value": 1, "currency": "USD"}]}, "/totals/0/value"),
    ({"payments": 1, "totals": [{"value": "1", "currency": "USD"}] * 2}, "/totals"),
    ({"payments": 2, "totals": [], "payment_ids": ["P1"]}, "/payment_ids"),
    ({"payments": 2, "totals": [], "payment_ids": ["P1", "P1"]}, "/payment_ids"),
    ({"payments": 1, "totals": [], "run_id": "R2"}, "/run_id"),
    ({"payments": 1, "totals": [], "release_at": "soon"}, "/release_at"),
    ({"payments": 0, "totals": [], "payment_ids": ["P"] * 20_001}, ""),
]


@pytest.mark.parametrize(("body", "path"), FAULTY)
def test_announcement_that_is_not_sound_is_refused_with_its_place(api: Api, wrote: Wrote, body: Any, path: str) -> None:
    answer = api.put("/v1/runs/R1", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path
    assert wrote.records == []


def test_announcement_that_is_no_json_or_too_large_is_refused(api: Api, wrote: Wrote) -> None:
    assert api.put("/v1/runs/R1", content=b"{").status_code == 400
    ids = [f"{n:0128d}" for n in range(9_000)]
    answer = api.put("/v1/runs/R1", json={"payments": 9_000, "totals": [], "payment_ids": ids})
    assert answer.status_code == 413
    assert api.put(f"/v1/runs/{'x' * 129}", json={}).status_code == 422
    assert wrote.records == []


def test_database_away_is_said(api: Api) -> None:
    class Away(Clearance):
        async def ask(self, question: Any) -> Any:
            raise OperationalError("", None, Exception("away"))

    api.app.state.clearance = Away(Settings(), GatewaySettings())
    answer = api.get("/v1/runs/R1")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_view_that_is_being_filled_answers_nothing(api: Api, view: Engine) -> None:
    fill(view, decided("P1"))
    assert api.get("/v1/runs/R1").json()["view"] == {"behind": 0, "away_seconds": 0.0}
    api.app.state.clearance.feed = RunFeed(view, Settings(), lambda: None)
    for path in ("/v1/runs/R1", "/v1/runs/R2", "/v1/runs"):
        answer = api.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_service_that_has_not_started_is_not_ready() -> None:
    clearance = Clearance(Settings(), GatewaySettings())
    assert clearance.ready() == (False, {"why": "starting"})
    assert list(clearance.figures.collect()) == []
    asyncio.run(clearance.stop())
