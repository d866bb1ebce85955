"""The small processes beside the workers, started as an operator would."""

from pathlib import Path
from typing import Literal

from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess


class ServiceProcess(WorkerProcess):
    """`sluicegate lag` or `sluicegate canary` over the topics of one test, with settings of its own."""

    def __init__(
        self, kafka: Kafka, folder: Path, service: Literal["lag", "canary"], name: str = "", **settings: object
    ) -> None:
        super().__init__(kafka, folder, name or service)
        self._command = ["-m", "sluicegate.cli.main", service]
        values = {key.upper(): str(value) for key, value in settings.items()} | {"PORT": str(self.port)}
        self._environment |= {f"SLUICEGATE_{service.upper()}_{key}": value for key, value in values.items()}
