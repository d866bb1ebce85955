"""The HTTP gateway beside a demo: a process of its own, with a token of one made-up tenant."""

import time

from sluicegate.cli.child import Child
from sluicegate.embedded.network import free_port, port_is_free
from sluicegate.settings import Settings

__all__ = ["GatewayChild"]

_USUAL_PORT = 8090
_USUAL_OPS_PORT = 6070


class GatewayChild(Child):
    """`sluicegate gateway serve`. It answers a few seconds after the start; nobody waits for it."""

    name = "gateway"
    tenant = "try-it"

    def __init__(self, settings: Settings) -> None:
        from sluicegate.gateway.tokens import SCOPES, TokenFile

        super().__init__(_USUAL_PORT if port_is_free(_USUAL_PORT) else free_port())
        self.ops_port = _USUAL_OPS_PORT if port_is_free(_USUAL_OPS_PORT) else free_port()
        tokens = self.folder / "tokens.json"
        try:
            self.token, _ = TokenFile(str(tokens)).add("demo", self.tenant, SCOPES, time.time_ns() // 1000, 1)
        except BaseException:
            self._reaper.close()
            raise
        ports = ("--port", str(self.port), "--ops-port", str(self.ops_port))
        own = ("--tokens", str(tokens), "--database", f"sqlite:///{self.folder / 'gateway.db'}", *ports)
        place = ("--broker", settings.broker, "--topic-prefix", settings.topic_prefix)
        self.run("gateway", "serve", *own, *place, kafka=settings)
