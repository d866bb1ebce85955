"""Gateway processes for tests, and those who send to them: plain sockets, so that a test says every byte."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sluicegate.gateway.tokens import Scope, TokenFile
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, _free_port

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_PAYEES = 1000


class GatewayProcess(WorkerProcess):
    """`sluicegate gateway serve` over the topics of one test; `get` and `metric` ask its ops port."""

    def __init__(self, kafka: Kafka, folder: Path, name: str = "gateway", **settings: object) -> None:
        super().__init__(kafka, folder, name)
        self._command = ["-m", "sluicegate.cli.main", "gateway", "serve"]
        self.http_port = _free_port()
        self.tokens = TokenFile(str(folder / "tokens.json"))
        own = {
            "PORT": self.http_port,
            "OPS_PORT": self.port,
            "TOKENS": folder / "tokens.json",
            "DATABASE": f"sqlite:///{folder / 'gateway.db'}",
        }
        values = own | {key.upper(): value for key, value in settings.items()}
        self._environment |= {f"SLUICEGATE_GATEWAY_{key}": str(value) for key, value in values.items()}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def token(self, tenant: str = "acme", *scopes: Scope, days: int = 1) -> str:
        return self.tokens.add("test", tenant, scopes or ("events",), time.time_ns() // 1000, days)[0]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """One connection, made when it is needed and kept."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, kind: str, body: bytes) -> Answer:
        """Raises OSError or EOFError when the connection breaks: then nobody knows."""
        try:
            if self._pipe is None:
                self._pipe = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._pipe
            head = (
                f"POST /v1/events HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {self._token}\r\n"
                f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = await read_answer(reader)
        except BaseException:
            self.close()
            raise
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe[1].close()
            self._pipe = None


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Raises EOFError (IncompleteReadError) where the other side hangs up before."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(int(first.split()[1]), headers, body)


class Senders:
    """Those who send until they are told to stop, each event again and again until it got its 202."""

    def __init__(self, port: int, token: str, *, tenant: str = "acme", batch: int = 1, pause: float = 0) -> None:
        """`pause`: seconds after each request."""
        self._port = port
        self._token = token
        self._batch = batch
        self._pause = pause
        self._kind = STRUCTURED if batch == 1 else BATCH
        self._numbers = itertools.count(1)
        self._mark = f"{tenant}-{batch}-{time.monotonic_ns()}"
        made = events.payment(tenant, "@PAYEE@", fp="fp_@PAYEE@", id_="@ID@")
        made["data"]["payment_id"] = "@ID@"
        self._pattern = json.dumps(made, separators=(",", ":"))
        self._stopping = False
        self.sent: Counter[str] = Counter()
        """Id -> how often it was sent."""
        self.acknowledged: set[str] = set()
        self.statuses: Counter[int] = Counter()
        """Of answers; 0: the connection broke."""
        self.seconds: list[float] = []
        """From sending to 202, by request."""

    async def run(self, connections: int) -> None:
        """Until `stop`; what is not acknowledged then is still sent again until it is."""
        await asyncio.gather(*(self._one() for _ in range(connections)))

    def stop(self) -> None:
        self._stopping = True

    async def _one(self) -> None:
        line = Line(self._port, self._token)
        while not self._stopping:
            ids = [f"{self._mark}-{next(self._numbers)}" for _ in range(self._batch)]
            while not await self._try(line, ids):
                await asyncio.sleep(0.05)
            if self._pause:
                await asyncio.sleep(self._pause)
        line.close()

    async def _try(self, line: Line, ids: list[str]) -> bool:
        self.sent.update(ids)
        began = time.perf_counter()
        try:
            status = (await line.post(self._kind, self._body(ids))).status
        except (OSError, EOFError):
            status = 0
        self.statuses[status] += 1
        if status != 202:
            return False
        self.seconds.append(time.perf_counter() - began)
        self.acknowledged.update(ids)
        return True

    def _body(self, ids: Iterable[str]) -> bytes:
        made = ",".join(
            self._pattern.replace("@ID@", id).replace("@PAYEE@", f"V{int(id.rpartition('-')[2]) % _PAYEES}")
            for id in ids
        )
        return (made if self._batch == 1 else f"[{made}]").encode()


def held(kafka: Kafka, topic: str = "vendor-payments", timeout: float = 30) -> Counter[str]:
    """Ids of the events on a topic, and how often each is there."""
    return Counter(record.json["id"] for record in kafka.read(topic, timeout=timeout))
