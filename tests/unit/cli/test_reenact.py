"""`sluicegate replay --verify` over files: an alert made again from the log, compared with what was said of it."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.version import RULESET
from sluicegate.wire.canonical import canonical
from tests.scenarios.build import DAY, HOUR, Tale

ABSENT = "al_" + "0" * 32


def events(*tenants: str) -> list[dict[str, Any]]:
    """Two alerts a tenant that grow side by side, each of three revisions."""
    found = []
    for tenant in tenants:
        t = Tale(tenant)
        for n in range(4):
            t.pay(f"V{n}", "shared", f"{n + 1}.00", at=n * DAY)
            t.pay(f"V{n + 10}", "other", f"{n + 1}.00", at=n * DAY + HOUR)
        found += t.events
    return sorted(found, key=lambda event: str(event["time"]))


def export(told: list[dict[str, Any]], *, begin: int = 0, tenants: list[str] | None = None) -> list[bytes]:
    head = {"type": "log.export.v1", "topic": "events", "partition": 2}
    head |= {"from": begin, "until": begin + len(told), "tenants": tenants}
    records = [{"offset": begin + n, "timestamp": 0, "key": e["tenantid"], "value": e} for n, e in enumerate(told)]
    return [json.dumps(line).encode() for line in (head, *records)]


def replay(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["replay", *map(str, arguments)])


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(tmp_path / "events-2.jsonl", export(events("acme", "beta")))


@pytest.fixture
def said(log: Path, tmp_path: Path) -> Path:
    path = tmp_path / "alerts.jsonl"
    assert replay(log, "--alerts", path).exit_code == 0
    return path


def of(said: Path, tenant: str = "acme") -> list[dict[str, Any]]:
    """The revisions of the tenant's second alert, each after one of another."""
    lines = [json.loads(line) for line in said.read_bytes().splitlines()]
    mine = [event for event in lines if event["tenantid"] == tenant]
    return [event for event in mine if event["subject"] == mine[1]["subject"]]


def rewrite(said: Path, alert: str, revision: int, change: Any) -> None:
    """Have one revision say something else; None: nothing."""
    found = []
    for line in said.read_bytes().splitlines():
        event = json.loads(line)
        if event["id"] == f"{alert}-{revision}":
            event = change(event)
        if event is not None:
            found.append(canonical(event))
    written(said, found)


def revisions(run: Result) -> list[str]:
    return [line.strip() for line in run.stdout.splitlines() if line.startswith("  revision")]


def test_alert_of_an_exported_log_comes_out_the_same(log: Path, said: Path) -> None:
    alert = of(said)[0]["subject"]
    run = replay("--verify", alert, log, "--alerts-in", said)
    assert run.exit_code == 0, run.output
    assert run.stdout.startswith(f"{alert}\n")
    assert "share one account" in run.stdout
    assert revisions(run) == ["revision 1  equal", "revision 2  equal", "revision 3  equal"]
    assert f"  ruleset {RULESET}\n" in run.stdout
    assert run.stdout.splitlines()[-1].endswith("events-2.jsonl (events/2) up to offset 15: whole")


def test_several_alerts_of_several_tenants_are_looked_at_at_once(log: Path, said: Path) -> None:
    ids = [of(said, tenant)[0]["subject"] for tenant in ("acme", "beta")]
    run = replay(log, "--verify", ids[0], "--verify", ids[1], "--alerts-in", said)
    assert run.exit_code == 0, run.output
    assert revisions(run) == [f"revision {n}  equal" for n in (1, 2, 3, 1, 2, 3)]


def test_last_revision_alone_may_be_compared(log: Path, said: Path, tmp_path: Path) -> None:
    last = of(said)[-1]
    ticket = written(tmp_path / "ticket.json", [json.dumps(last).encode()])  # as a person may keep it, with spaces
    run = replay("--verify", last["subject"], log, "--alerts-in", ticket)
    assert (run.exit_code, revisions(run)) == (0, ["revision 3  equal"])


def test_value_that_differs_is_shown_with_its_place(log: Path, said: Path) -> None:
    alert = of(said)[0]["subject"]
    rewrite(said, alert, 2, lambda event: event | {"data": event["data"] | {"recommended_action": "none", "score": 26}})
    run = replay("--verify", alert, log, "--alerts-in", said)
    assert run.exit_code == 1
    assert revisions(run) == ["revision 1  equal", "revision 2  differs", "revision 3  equal"]
    score = of(said)[2]["data"]["score"]
    assert f"    /data/score  26 -> {score}\n" in run.stdout
    assert '    /data/recommended_action  "none" -> ' in run.stdout
    assert "a difference may come from it" not in run.stdout


def test_other_ruleset_is_named_as_what_a_difference_may_come_from(log: Path, said: Path) -> None:
    alert = of(said)[0]["subject"]

    def older(event: dict[str, Any]) -> dict[str, Any]:
        event["data"]["versions"] |= {"ruleset": "0.9.0", "lists": {"ofac-sdn": "7"}}
        return event

    rewrite(said, alert, 1, older)
    run = replay("--verify", alert, log, "--alerts-in", said)
    assert run.exit_code == 1
    assert f"  ruleset 0.9.0 then, {RULESET} now: a difference may come from it\n" in run.stdout
    assert "  lists   ofac-sdn 7 then, none now\n" in run.stdout


def test_revision_the_log_does_not_give_is_missing(log: Path, said: Path, tmp_path: Path) -> None:
    alert = of(said)[0]["subject"]
    short = written(tmp_path / "short.jsonl", log.read_bytes().splitlines()[:12])
    run = replay("--verify", alert, short, "--alerts-in", said)
    assert run.exit_code == 1
    assert revisions(run)[-1] == "revision 3  missing: the log does not give it"
    assert "(events/2) ends before offset 11, not 16" in run.stdout


def test_revision_that_is_not_among_those_given_is_told(log: Path, said: Path) -> None:
    alert = of(said)[0]["subject"]
    rewrite(said, alert, 2, lambda _: None)
    run = replay("--verify", alert, log, "--alerts-in", said)
    assert run.exit_code == 1
    assert revisions(run)[1] == "revision 2  was not among those given, and the log gives it"


def test_alert_whose_place_in_the_chain_alone_is_another_is_told_apart(log: Path, said: Path, tmp_path: Path) -> None:
    """Without the first alert of the tenant, the second comes out with other numbers."""
    second = of(said)[0]["subject"]
    told = [e for e in events("acme", "beta") if e["tenantid"] != "acme" or "shared" not in json.dumps(e)]
    other = written(tmp_path / "other.jsonl", export(told))
    run = replay("--verify", second, other, "--alerts-in", said)
    assert run.exit_code == 1
    assert revisions(run)[0].startswith("revision 1  equal, but its place in the chain is another")
    assert "/chainseq  2 -> 1" in run.stdout
    shown = [line.split()[0] for line in run.stdout.splitlines() if line.startswith("    /")]
    assert {path for before, path in pairwise(shown) if before == "/chainhash"} == {"/chainprev"}


def test_log_that_is_not_whole_is_said_to_be_not(said: Path, tmp_path: Path) -> None:
    alert = of(said)[0]["subject"]
    told = events("acme", "beta")
    later = written(tmp_path / "later", export(told[2:], begin=2))
    run = replay("--verify", alert, later, "--alerts-in", said)
    assert "(events/2) begins at offset 2: what came before is not known here" in run.stdout
    lines = export(told)
    gap = written(tmp_path / "gap", [*lines[:4], *lines[5:]])
    run = replay("--verify", alert, gap, "--alerts-in", said)
    assert "(events/2): offset 4 follows 2: records are missing or out of order" in run.stdout
    own = [event for event in told if event["tenantid"] == "acme"]
    part = written(tmp_path / "part", export(own, tenants=["acme"]))
    run = replay("--verify", alert, part, "--alerts-in", said)
    assert run.exit_code == 0
    assert "is an export of acme only: gaps cannot be seen in it" in run.stdout


def test_plain_events_serve_too_and_are_said_to_be_that(tmp_path: Path) -> None:
    path = written(tmp_path / "events", [json.dumps(event).encode() for event in events("acme")])
    assert replay(path, "--alerts", tmp_path / "alerts").exit_code == 0
    alert = of(tmp_path / "alerts")[0]["subject"]
    run = replay("--verify", alert, path, "--alerts-in", tmp_path / "alerts")
    assert run.exit_code == 0, run.output
    assert "is no exported log: its events are taken in the order of its lines" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--verify", ABSENT, "{log}", "--alerts-in", "{said}"), f"there is no alert {ABSENT} in "),
        (("--verify", "{alert}", "{log}", "--alerts-in", "{said}", "--tenant", "beta"), "of tenant beta in "),
        (("--verify", "{alert}", "{other}", "--alerts-in", "{said}"), "the log holds no event of tenant acme"),
        (("--verify", "{alert}", "{broken}", "--alerts-in", "{said}"), "no sound log export"),
        (("--verify", "al_1", "{log}", "--alerts-in", "{said}"), "is no id of an alert"),
        (("--verify", "{alert}", "{log}"), "say where the alerts are"),
        (("--verify", "{alert}", "{log}", "--alerts-in", "{log}.absent"), "cannot read"),
        (("--verify", "{alert}", "{log}.absent", "--alerts-in", "{said}"), "cannot read"),
        (("--verify", "{alert}", "{log}", "--summary"), "--verify goes with"),
        (("{log}", "--alerts-in", "{said}"), "go with --verify only"),
        (("{log}", "--broker", "x:1"), "go with --verify only"),
        (("--summary",), "Missing argument"),
    ],
)
def test_what_cannot_be_compared_gives_status_2(
    log: Path, said: Path, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    other = written(tmp_path / "other", export(events("beta")))
    broken = written(tmp_path / "broken", [log.read_bytes().splitlines()[0], b'{"offset":"a"}'])
    alert = of(said)[0]["subject"]
    places = {"log": log, "said": said, "alert": alert, "other": other, "broken": broken}
    run = replay(*(argument.format(**places) for argument in arguments))
    assert run.exit_code == 2, run.output
    assert why in run.stderr
