"""`sluicegate config check --connect` where everything is there."""

from pathlib import Path

from click.testing import CliRunner

from sluicegate.cli.main import cli
from tests.streams.kafka import Kafka


def test_check_finds_a_broker_that_answers_and_a_database_that_opens(kafka: Kafka, tmp_path: Path) -> None:
    file = tmp_path / "live.env"
    database = f"sqlite:///{tmp_path / 'console.db'}"
    file.write_text(f"SLUICEGATE_BROKER={kafka.bootstrap}\nSLUICEGATE_CONSOLE_DATABASE={database}\n")
    checked = CliRunner().invoke(cli, ["config", "check", "--connect", "--env-file", str(file)])
    assert checked.exit_code == 0, checked.output
    assert checked.stdout.splitlines() == [
        f"the console's database {database}: ok",
        f"Kafka at {kafka.bootstrap}: ok",
        f"no fault; 2 set in {file}, all others are defaults",
    ]
