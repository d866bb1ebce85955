"""`warm`: what it takes from files, the policies it puts around it, and what it prints of it; in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.cli.warm_policies import Present, in_shadow
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import PolicyUpdate, RuleSetting
from tests.scenarios.build import DAY, HOUR, Tale

Warm = Callable[..., Result]


@pytest.fixture
def warm(tmp_path: Path) -> Warm:
    """Dry runs over lines; further arguments as on the command line."""

    def command(lines: list[bytes], *arguments: object) -> Result:
        path = tmp_path / "history.jsonl"
        path.write_bytes(b"\n".join(lines) + b"\n")
        return CliRunner().invoke(cli, ["warm", str(path), "--dry-run", *map(str, arguments)])

    return command


def stream(count: int, tenant: str = "acme") -> Tale:
    """Ordinary payments to ten vendors, and at the end one twenty times as large to an account never seen."""
    t = Tale(tenant)
    for n in range(count):
        t.pay(f"V{n % 10}", amount=f"{950 + n * 37 % 101}.{n % 100:02d}", at=n * HOUR, invoice=f"N{n}")
    t.pay("V1", "elsewhere", amount="20000.00", at=count * HOUR, invoice="N")
    return t


def test_history_is_learned_and_findings_are_counted_by_rule(warm: Warm) -> None:
    done = warm(stream(500).lines)
    assert done.exit_code == 0, done.output
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("acme: 501 events from 2026-01-05 to 2026-01-26, in shadow under the default policy")
    assert "  Vendor payments: learned, 500 of 500 payments." in done.stdout
    assert "Payroll" not in done.stdout
    assert "(changed-account 1, unusual-payment 1)" in done.stdout
    assert last == "Nothing was written: this was a dry run."


def test_tenants_are_told_apart(warm: Warm) -> None:
    done = warm(stream(30).lines + stream(20, "beta").lines)
    assert "acme\n  Vendor payments: learning, 31 of 500 payments." in done.stdout
    assert "beta\n  Vendor payments: learning, 21 of 500 payments." in done.stdout


def test_lines_that_are_no_events_are_named_and_the_others_taken(warm: Warm) -> None:
    done = warm([b"{", *stream(5).lines, b'{"specversion":"1.0"}'])
    assert done.exit_code == 1
    assert "history.jsonl:1: not_json" in done.stderr
    assert "2 lines could not be used" in done.stderr
    assert "learning, 6 of 500" in done.stdout


def test_policies_in_the_files_are_left_out(warm: Warm) -> None:
    t = stream(5)
    t.policy(rules={"unusual-payment": {"mode": "off"}})
    done = warm([t.lines[-1], *t.lines])
    assert "2 policies in the files were left out" in done.stdout
    assert "learning, 6 of 500" in done.stdout


def test_events_far_out_of_order_are_told_of(warm: Warm) -> None:
    t = Tale()
    for at in (2 * DAY, DAY, DAY - 1, 3 * DAY):
        t.pay("V1", at=at)
    assert "not in order of time: 1 of them are more than a day behind" in warm(t.lines).stdout


def test_lists_of_all_tenants_are_left_out(warm: Warm) -> None:
    t = stream(1)
    t.listed(tenant="*")
    done = warm(t.lines)
    assert done.exit_code == 0
    assert "1 updates of lists were left out" in done.stdout


def test_what_cannot_be_read_twice_or_holds_nothing_is_refused(warm: Warm, tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["warm", "-", "--dry-run"]).exit_code == 2
    assert CliRunner().invoke(cli, ["warm", str(tmp_path / "none.jsonl")]).exit_code == 2
    nothing = warm([b"{"])
    assert (nothing.exit_code, "there is no event to learn from" in nothing.stderr) == (1, True)


def test_exported_log_is_taken_as_the_events_it_holds(warm: Warm) -> None:
    (line, *_) = stream(1).lines
    ticks = {"type": "clock.tick.v1", "tenantid": "*"}
    export: list[Any] = [
        {"type": "log.export.v1"},
        {"offset": 0, "timestamp": 1, "value": json.loads(line)},
        {"offset": 1, "timestamp": 2, "value": ticks},
    ]
    done = warm([json.dumps(one).encode() for one in export])
    assert (done.exit_code, "acme: 1 events" in done.stdout) == (0, True)


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_policy_of_a_file_is_used(warm: Warm, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"policy.{kind}"
    if kind == "toml":
        path.write_text('tenant = "acme"\n[rules.unusual-payment.params]\nwarm_up = 20\n')
    else:
        event = Tale().policy(rules={"unusual-payment": {"params": {"warm_up": 20}}})
        path.write_text(json.dumps(event, indent=2))
    done = warm(stream(30).lines, "--policy", path)
    assert f"in shadow under the policy in {path}" in done.stdout
    assert "Vendor payments: learned, 20 of 20 payments." in done.stdout


def test_rule_that_is_off_learns_nothing(warm: Warm, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('tenant = "acme"\n[rules.unusual-payment]\nmode = "off"\n')
    done = warm(stream(30).lines, "--policy", path)
    assert "unusual-payment is off in the policy: its models learn nothing." in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('tenant = "other"\n', "is for other, of which there is no event"),
        ('tenant = "acme"\nlimit = 3\n', "limit unknown key"),
        ("{", "no JSON"),
        ('{"specversion": "1.0"}', "bad_envelope"),
        (json.dumps(Tale().pay("V1")), "a policy.update.v1 is needed"),
        (json.dumps(Tale().policy(timezone="No/Where")), "not an IANA time zone"),
    ],
)
def test_policy_that_cannot_be_used_is_refused(warm: Warm, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "policy"
    path.write_text(text)
    done = warm(stream(1).lines, "--policy", path)
    assert done.exit_code in (1, 2)
    assert words in done.stderr


def test_shadow_policy_keeps_all_but_the_modes() -> None:
    present = PolicyUpdate(
        base_currency="EUR",
        rules={
            "pay-spike": RuleSetting(params={"min_z": 3}),
            "off-cycle": RuleSetting(mode="off"),
            "of-a-later-version": RuleSetting(),
        },
    )
    shadowed = in_shadow(present)
    assert shadowed.base_currency == "EUR"
    assert {slug for slug in RULES if shadowed.rules[slug].mode != "shadow"} == {"off-cycle"}
    assert shadowed.rules["pay-spike"].params == {"min_z": 3}
    assert shadowed.rules["of-a-later-version"].mode == "live"


def test_each_policy_event_is_a_new_one() -> None:
    held = Present(PolicyUpdate(), "")
    events = [decode(held.event("acme")), decode(held.shadow_event("acme"))]
    ids = {event.id for event in events if isinstance(event, Event)}
    assert len(ids) == 2
    assert held.event("acme") != held.event("acme")
