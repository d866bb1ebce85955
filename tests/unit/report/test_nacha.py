"""The yearly evidence: what it counts, within which bounds, and that it names nobody."""

import html as pages
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.report.document import Document, Section, Table
from sluicegate.report.html import html
from sluicegate.report.pdf import pdf
from tests.scenarios.build import DAY, HOUR, Tale, entry

ANALYST = "ana.the.analyst"


@pytest.fixture(scope="module")
def told() -> Tale:
    """Two shared accounts, one verdict, a policy that changes twice, a list, a return: from 5 January 2026 on."""
    t = Tale("acme")
    t.policy(at=-10 * DAY, base_currency="EUR")
    t.listed(entry("L1", "SHADY TRADING LLC", "organisation"), at=-9 * DAY)
    paid = [
        t.pay(f"E{n}-{name}", name, "100.10", at=n * DAY + at, name=f"Person {n}")
        for n in range(4)
        for at, name in enumerate(("first", "second"))
    ]
    t.status(paid[0], "returned", 5 * DAY, code="R03")
    t.events.append(paid[0])
    t.policy(
        at=6 * DAY,
        base_currency="EUR",
        roster=True,
        rules={"pay-spike": {"mode": "shadow", "params": {"min_ratio": 2}}},
    )
    alert = t.play().alerts[0]["alert_id"]
    t.verdict(alert, "confirmed", 6 * DAY, by=ANALYST)
    t.verdict(alert, "confirmed", 500 * DAY, by=ANALYST)
    return t


@pytest.fixture
def files(told: Tale, tmp_path: Path) -> tuple[Path, Path]:
    log, alerts = tmp_path / "log.jsonl", tmp_path / "alerts.jsonl"
    log.write_bytes(b"".join(line + b"\n" for line in told.lines))
    played = told.play()
    alerts.write_bytes(b"".join(one.value + b"\n" for one in played.outputs if one.topic == "alerts"))
    return log, alerts


def report(files: tuple[Path, Path], *more: str, out: Path) -> Result:
    log, alerts = files
    asked = ["report", "nacha", str(log), "--alerts", str(alerts), "--tenant", "acme", "--out", str(out)]
    return CliRunner().invoke(cli, [*asked, "--from", "2026-01-01", "--to", "2026-01-31", *more])


def text(folder: Path) -> str:
    """What a reader of the page sees."""
    (path,) = folder.glob("*.html")
    return " ".join(pages.unescape(re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8"))).split())


def test_the_report_holds_volume_rules_changes_alerts_decisions_and_lists(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    done = report(files, out=tmp_path / "out")
    assert done.exit_code == 0, done.output
    seen = text(tmp_path / "out")
    assert "payroll ach - 8 800.80 USD" in seen
    assert "returned R03 1" in seen
    assert re.search(r"C1 pay-spike \S+ - live to shadow min_ratio 2", seen)
    assert "roster: False to True" in seen
    assert "base_currency" not in seen
    assert "2 alerts were opened, 250.00 for 1,000 payments" in seen
    assert "shared-account 0 2 0 0" in seen
    assert "1 verdicts were given, by 1 person" in seen
    assert "shared-account 1 0 0 0 0 100 %" in seen
    assert "Alert chain whole from 1 to" in seen
    assert "Not live at the end of the period: pay-spike." in seen
    (pages_of,) = (tmp_path / "out").glob("*.pdf")
    assert pages_of.read_bytes().startswith(b"%PDF-")


def test_an_alert_that_was_decided_on_is_not_among_the_undecided(files: tuple[Path, Path], tmp_path: Path) -> None:
    report(files, "--format", "html", out=tmp_path)
    undecided = text(tmp_path).partition("nobody has decided on")[2].partition("6. Sanctions lists")[0]
    assert len(set(re.findall(r"al_[0-9a-f]{32}", undecided))) == 1


def test_the_list_before_the_period_is_held_but_no_update_of_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    report(files, "--format", "html", out=tmp_path)
    lists = text(tmp_path).partition("6. Sanctions lists")[2]
    held, _, updates = lists.partition("Updates in the period")
    assert "No list was held" not in held
    assert "None in the period." in updates


def test_what_lies_outside_the_period_is_left_out(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = report(files, "--format", "html", "--from", "2026-03-01", "--to", "2026-03-02", out=tmp_path)
    assert done.exit_code == 0, done.output
    seen = text(tmp_path)
    assert "0 alerts were opened" in seen
    assert "No payment of the period" in seen
    assert re.search(r"C1 pay-spike \S+ - shadow min_ratio 2", seen)


def test_nobody_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    report(files, "--format", "html", out=tmp_path)
    seen = text(tmp_path)
    for name in (ANALYST, "Person 1", "E1-first", "fp-first"):
        assert name not in seen


def test_another_tenants_events_do_not_count(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = Tale("other")
    other.pay("E1", "elsewhere", "7.00")
    with files[0].open("ab") as log:
        log.write(json.dumps(other.events[0]).encode() + b"\n")
    report(files, "--format", "html", out=tmp_path)
    assert "payroll ach - 8 800.80 USD" in text(tmp_path)


def test_an_altered_alert_is_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    alerts = files[1]
    alerts.write_bytes(alerts.read_bytes().replace(b'"severity":"low"', b'"severity":"high"', 1))
    report(files, "--format", "html", out=tmp_path)
    assert "Alert chain NOT whole" in text(tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2026-02-30"), "--from 2026-02-30 is no date"),
        (("--from", "2026-02-01"), "--from is after --to"),
        (("--broker", "localhost:1"), "one of them"),
    ],
)
def test_unusable_arguments_are_refused(
    files: tuple[Path, Path], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    done = report(files, *options, out=tmp_path)
    assert done.exit_code == 2
    assert said in done.output


def test_a_file_that_cannot_be_read_or_written_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    assert "taken" in report(files, out=tmp_path / "taken").output
    assert "absent.jsonl" in report((tmp_path / "absent.jsonl", files[1]), out=tmp_path).output


def test_the_same_document_gives_the_same_pdf_and_escaped_html() -> None:
    table = Table(("What", "Number"), (("<script>", "1,000"), ("Łódź", "2")))
    document = Document("<b>", (("Tenant", "&"),), (Section("1. One", ("…",), (table,)),))
    assert pdf(document, HOUR) == pdf(document, HOUR)
    assert "<script>" not in html(document)
