"""What the console refuses, and how: rights, tenants, forged and hostile requests. A real server, without Kafka."""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, select, update

from sluicegate.console.database import open_database
from sluicegate.console.pages.api import CALLS, document
from sluicegate.console.pages.elsewhere import BACK
from sluicegate.console.people import Person
from sluicegate.console.store import alerts, users
from sluicegate.console.tables import alert, audit, session, verdict
from sluicegate.console.web.headers import POLICY
from sluicegate.console.web.pages import routes
from tests.console import made
from tests.console.server import ConsoleProcess, person, token

NOWHERE = "127.0.0.1:1"
"""No Kafka answers there: pages work all the same."""
HOSTILE = "<script>alert(1)</script>\"'; DROP TABLE alert; --{{7*7}}"


class House(NamedTuple):
    console: ConsoleProcess
    engine: Engine
    people: dict[str, Person]
    acme: str
    other: str

    def csrf(self, cookie: str) -> str:
        status, page = self.console.get("/alerts", cookie, accept="text/html")
        assert status == 200, page
        found = re.search(r'<meta name="csrf" content="([^"]+)"', page)
        assert found is not None
        return found[1]

    def post(self, path: str, cookie: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        body = urlencode(form).encode()
        kind = {"content_type": "application/x-www-form-urlencoded", "accept": "text/html"}
        return self.console.ask("POST", path, body, cookie, **(kind | headers))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A console with people of each role and an alert of each of two tenants."""
    folder: Path = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'console.db'}"
    engine = open_database(url)
    acme = made.duplicate("acme", number=1)
    other = made.duplicate("other", number=2)
    hostile = made.alerts(*(made.payment(60 + n, payee="V9", invoice="INV-9", name=HOSTILE) for n in range(2)))
    with engine.begin() as connection:
        alerts.take(connection, [made.revision(value) for value in (acme, other, *hostile)], 1)
    people = {
        "ann": person(engine, "ann", "analyst", ("acme",)),
        "vic": person(engine, "vic", "viewer", ("acme",)),
        "sue": person(engine, "sue", "supervisor", ("acme",)),
        "root": person(engine, "root", "admin"),
    }
    console = ConsoleProcess(url, folder, NOWHERE, signins_per_minute=1000).start()
    ids = [made.revision(value).data.alert_id for value in (acme, other)]
    yield House(console, engine, people, *ids)
    console.close()
    engine.dispose()


def test_every_page_asks_who_it_is(house: House) -> None:
    open_to_all = {"/sign-in", "/sign-in/elsewhere", BACK}
    asked = 0
    for route in routes():
        path, methods = route.path, route.methods  # type: ignore[attr-defined]
        if path in open_to_all:
            continue
        real = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+:str\}", house.acme, path))
        for method in methods - {"HEAD"}:
            status, answer = house.console.ask(method, real, b"" if method == "POST" else None, accept="text/html")
            assert status in (303, 401), (method, real, status)
            assert status == 401 or answer.startswith("/sign-in"), (method, real, answer)
            asked += 1
    assert asked > 20


def test_another_tenants_alert_is_as_if_it_were_not_there(house: House) -> None:
    cookie = house.console.sign_in("ann")
    missing = house.console.get("/alerts/al_00000000000000000000000000000000", cookie, accept="text/html")
    assert house.console.get(f"/alerts/{house.other}", cookie, accept="text/html") == missing
    assert missing[0] == 404
    page = house.console.get("/alerts?tenant=other", cookie, accept="text/html")[1]
    assert house.other not in page
    csrf = house.csrf(cookie)
    for action in ("claim", "release", "decide", "snooze", "reveal", "event"):
        form = {"csrf": csrf, "verdict": "benign", "reason_code": "one_off", "days": "1", "note": "x", "event": "x#y"}
        status, _ = house.post(f"/alerts/{house.other}/{action}", cookie, form)
        assert status in (404, 409), action
    with house.engine.connect() as connection:
        row = connection.execute(select(alert).where(alert.c.alert_id == house.other)).mappings().one()
    assert (row["status"], row["claimed_by"]) == ("new", None)


def test_a_viewer_looks_and_does_not_decide(house: House) -> None:
    cookie = house.console.sign_in("vic")
    csrf = house.csrf(cookie)
    assert house.console.get(f"/alerts/{house.acme}", cookie, accept="text/html")[0] == 200
    form = {"csrf": csrf, "verdict": "benign", "reason_code": "one_off", "days": "1", "note": "x"}
    for path in (
        f"/alerts/{house.acme}/claim",
        f"/alerts/{house.acme}/decide",
        f"/alerts/{house.acme}/snooze",
        "/alerts/bulk",
    ):
        assert house.post(path, cookie, form)[0] == 403, path
    for path in ("/trail", "/people"):
        assert house.console.get(path, cookie, accept="text/html")[0] == 403, path
    with house.engine.connect() as connection:
        assert connection.execute(select(verdict)).first() is None


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"csrf": "forged"}, {}),
        ({"csrf": "OWN"}, {"origin": "https://evil.example"}),
        ({"csrf": "OWN"}, {"origin": "null"}),
    ],
)
def test_a_forged_request_is_refused(house: House, form: dict[str, str], headers: dict[str, str]) -> None:
    cookie = house.console.sign_in("ann")
    own = house.csrf(cookie)
    sent = {name: own if value == "OWN" else value for name, value in form.items()}
    status, page = house.post(f"/alerts/{house.acme}/claim", cookie, sent, **headers)
    assert status == 403
    assert "another site" in page or "reload the page" in page


def test_an_expired_session_is_sent_to_sign_in_and_back(house: House) -> None:
    cookie = house.console.sign_in("ann")
    with house.engine.begin() as connection:
        connection.execute(update(session).values(used_at=0))
    status, target = house.console.get("/alerts?rule=pay-spike", cookie, accept="text/html")
    assert (status, target) == (303, "/sign-in?next=%2Falerts%3Frule%3Dpay-spike")
    assert house.console.get("/live", cookie)[0] == 401


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(house: House, target: str) -> None:
    form = {"name": "ann", "password": "correct horse battery", "next": target}
    assert house.post("/sign-in", "", form) == (303, "/alerts")


def test_too_many_attempts_wait(tmp_path: Path, console: Callable[..., ConsoleProcess]) -> None:
    place = console(NOWHERE, signins_per_minute=3)
    tries = [
        place.ask("POST", "/sign-in", urlencode({"name": "ann", "password": str(n)}).encode(),
                  content_type="application/x-www-form-urlencoded")[0]
        for n in range(5)
    ]  # fmt: skip
    assert tries == [401, 401, 401, 429, 429]


def test_hostile_texts_are_shown_as_they_are(house: House) -> None:
    cookie = house.console.sign_in("sue")
    csrf = house.csrf(cookie)
    status, target = house.post("/search", cookie, {"csrf": csrf, "text": HOSTILE})
    assert status == 303
    assert "script" not in target
    status, page = house.console.get(target, cookie, accept="text/html")
    assert status == 200
    assert "<script>alert" not in page
    assert "{{7*7}}" in page or "49" not in page
    saved = house.post(f"/views?{urlencode({'rule': HOSTILE})}", cookie, {"csrf": csrf, "name": HOSTILE})
    assert saved[0] == 303
    for field in ("status", "severity", "tenant", "rule", "family", "claimed", "after", "before", "search", "done"):
        status, page = house.console.get(f"/alerts?{urlencode({field: HOSTILE})}", cookie, accept="text/html")
        assert status == 200, field
        assert "<script>alert" not in page, field
    with house.engine.connect() as connection:
        id = connection.scalar(select(alert.c.alert_id).where(alert.c.subject_id == "V9"))
    decided = {"csrf": csrf, "verdict": "confirmed", "reason_code": "other", "note": HOSTILE}
    assert house.post(f"/alerts/{id}/decide", cookie, decided)[0] == 303
    shown = house.post(f"/alerts/{id}/reveal", cookie, {"csrf": csrf})[1]
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert "<script>alert" not in house.console.get("/trail", cookie, accept="text/html")[1]


def test_names_are_masked_until_asked_for_and_the_asking_is_noted(house: House) -> None:
    cookie = house.console.sign_in("ann")
    csrf = house.csrf(cookie)
    for path in ("/alerts", f"/alerts/{house.acme}", "/insight"):
        assert "Fernhill" not in house.console.get(path, cookie, accept="text/html")[1]
    assert "Fernhill Supplies" in house.post(f"/alerts/{house.acme}/reveal", cookie, {"csrf": csrf})[1]
    with house.engine.connect() as connection:
        noted = select(audit.c.action).where(audit.c.object == house.acme, audit.c.user_name == "ann")
        assert "reveal names" in connection.scalars(noted).all()
    assert "Fernhill" not in house.console.get("/export/json", cookie)[1]
    assert "Fernhill" not in house.console.log.read_text()


@pytest.mark.parametrize(
    "path", ["/static/../settings.py", "/static/%2e%2e/settings.py", "/static/..%2fsettings.py", "/static//etc/passwd"]
)
def test_nothing_outside_static_is_served(house: House, path: str) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", house.console.port, timeout=10)
    plain.putrequest("GET", path, skip_host=False)  # as it is: no client tidies the path
    plain.endheaders()
    answer = plain.getresponse()
    assert answer.status == 404
    assert b"class ConsoleSettings" not in answer.read()
    plain.close()


def test_every_answer_has_the_headers(house: House) -> None:
    for path, status in (("/sign-in", 200), ("/static/console.css", 200), ("/nothing", 404), ("/alerts", 303)):
        plain = http.client.HTTPConnection("127.0.0.1", house.console.port, timeout=10)
        plain.request("GET", path, headers={"accept": "text/html"})
        answer = plain.getresponse()
        assert answer.status == status
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers
        plain.close()


def test_the_json_interface_keeps_the_same_rules(house: House) -> None:
    ann, vic = token(house.engine, house.people["ann"]), token(house.engine, house.people["vic"])
    status, listed = house.console.api("GET", "/api/v1/alerts?size=1", ann)
    assert status == 200
    assert [row["tenant"] for row in listed["alerts"]] == ["acme"]
    assert house.console.api("GET", f"/api/v1/alerts/{house.other}", ann)[0] == 404
    status, one = house.console.api("GET", f"/api/v1/alerts/{house.acme}", ann)
    assert status == 200
    assert one["alert"]["alert_id"] == house.acme
    assert "Fernhill" not in json.dumps(one)
    path = f"/api/v1/alerts/{house.acme}/verdicts"
    good = {"verdict": "escalated", "reason_code": "needs_legal"}
    assert house.console.api("POST", path, vic, good)[0] == 403
    assert house.console.api("POST", path, "slg_unknown", good)[0] == 401
    assert house.console.api("POST", f"/api/v1/alerts/{house.other}/verdicts", ann, good)[0] == 404
    status, refused = house.console.api("POST", path, ann, {"verdict": "fine", "reason_code": "x"})
    assert (status, "$.verdict" in refused["error"]) == (422, True)
    assert house.console.api("POST", path, ann, good | {"reason_code": "one_off"})[0] == 409
    status, given = house.console.api("POST", path, ann, good)
    assert status == 201
    assert given["waiting"] is False
    assert house.console.api("POST", "/api/v1/tokens", ann, {"label": "more"})[0] == 403


def test_the_openapi_document_tells_of_every_call() -> None:
    from openapi_spec_validator import validate

    told = document()
    validate(told)
    paths = {(method.upper(), path) for path, calls in told["paths"].items() for method in calls}
    assert len(paths) == len(CALLS)


def test_an_export_is_no_formula(house: House) -> None:
    with house.engine.begin() as connection:
        connection.execute(update(alert).where(alert.c.alert_id == house.acme).values(title="=1+1"))
    cookie = house.console.sign_in("root")
    text = house.console.get("/export/csv?status=decided", cookie)[1] + house.console.get("/export/csv", cookie)[1]
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_an_admin_cannot_lock_the_last_admin_out(house: House) -> None:
    cookie = house.console.sign_in("root")
    csrf = house.csrf(cookie)
    own = house.people["root"].id
    for change in ({"role": "viewer"}, {"role": "admin", "disabled": "yes"}):
        assert house.post(f"/people/{own}", cookie, {"csrf": csrf, "tenants": "*"} | change)[0] == 409
    assert house.post("/people", cookie, {"csrf": csrf, "name": "new", "password": "short", "role": "viewer"})[0] == 422
    good = {"name": "new", "password": "long enough for it", "role": "viewer", "tenants": "acme, other"}
    assert house.post("/people", cookie, good | {"csrf": csrf})[0] == 303
    with house.engine.connect() as connection:
        found: Any = next(row for row in users.every(connection) if row["name"] == "new")
    assert json.loads(found["tenants"]) == ["acme", "other"]


def test_many_at_once_need_a_reason_and_the_number_that_was_shown(house: House) -> None:
    with house.engine.begin() as connection:
        values = [made.duplicate("acme", f"B{n}", 10 + n) for n in range(3)]
        alerts.take(connection, [made.revision(value) for value in values], time.time_ns() // 1000)
    ids = ",".join(made.revision(value).data.alert_id for value in values)
    cookie = house.console.sign_in("sue")
    form = {"csrf": house.csrf(cookie), "ids": ids}
    assert "3 alerts at once" in house.post("/alerts/bulk", cookie, form)[1]
    form |= {"verdict": "false_positive", "reason_code": "rule_too_wide"}
    assert "why all of these" in house.post("/alerts/bulk", cookie, form | {"count": "3"})[1].lower()
    assert "has changed" in house.post("/alerts/bulk", cookie, form | {"count": "2", "note": "all alike"})[1]
    assert "3 verdicts were given" in house.post("/alerts/bulk", cookie, form | {"count": "3", "note": "all alike"})[1]
    with house.engine.connect() as connection:
        assert len(set(connection.scalars(select(verdict.c.bulk).where(verdict.c.bulk.is_not(None))))) == 1
