"""The lag exporter and the canary beside a demo, as those who run a deployment have them; nobody waits for them."""

from sluicegate.cli.child import Child
from sluicegate.embedded.network import free_port, port_is_free
from sluicegate.settings import Settings

__all__ = ["OPERATIONS", "OperationsChild"]

OPERATIONS = {"lag": (6067, ("app_id",)), "canary": (6068, ())}
"""Command -> its usual port, and the settings of the workers that it takes beside where Kafka is."""


class OperationsChild(Child):
    """`sluicegate lag` or `sluicegate canary`."""

    def __init__(self, settings: Settings, command: str) -> None:
        self.name = command
        usual, names = OPERATIONS[command]
        super().__init__(usual if port_is_free(usual) else free_port())
        options = ["--port", str(self.port)]
        for name in ("broker", "topic_prefix", *names):
            options += [f"--{name.replace('_', '-')}", str(getattr(settings, name))]
        self.run(command, *options, kafka=settings)
