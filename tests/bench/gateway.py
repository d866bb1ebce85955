"""The HTTP gateway under load, and killed: python -m tests.bench.gateway [--seconds N] [--kills N] …

Load: connections that send one event, or batches of 100, as soon as the last one is acknowledged. Killed: under the
same load the gateway dies by SIGKILL again and again, and senders repeat what got no 202. Then every event that got one
is looked for on its topic, and a worker counts each exactly once. Exit status 0 when that holds.
"""

import asyncio
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import harness
from tests.bench.harness import Verdict, Worker, percentile, say, table
from tests.streams.gateways import GatewayProcess, Senders, held
from tests.streams.kafka import Kafka
from tests.streams.workers import running

_TICKS = os.sysconf("SC_CLK_TCK")
LOADS = ((1, 1), (1, 16), (1, 64), (100, 1), (100, 4), (100, 16))
"""Events a request, connections."""


def main() -> int:
    options = harness.arguments(
        __doc__,
        seconds=(8.0, "of each load; 0: none"),
        kills=(20, "times the gateway is killed"),
        between=(1.5, "s, at most"),
    )
    harness.headline("gateway")
    verdict = Verdict()
    with harness.surroundings(options.broker) as (kafka, folder):
        harness.make_topics(kafka)
        gateway = GatewayProcess(kafka, folder, in_flight_bytes=256 << 20, tenant_in_flight_bytes=128 << 20)
        token = gateway.token()
        with running(gateway):
            gateway.start().ready()
            loads = LOADS if options.seconds else ()
            rows = [asyncio.run(_load(gateway, token, *one, options.seconds)) for one in loads]
            head = ("events a request", "connections", "requests/s", "events/s", "p50 ms", "p99 ms", "CPU", "µs/event")
            if rows:
                table(rows, head)
            gateway.terminate()
        kafka_after = Kafka(kafka.bootstrap)
        with kafka_after:
            harness.make_topics(kafka_after)
            _killed(kafka_after, folder / "killed", options, verdict)
    return verdict.status


async def _load(gateway: GatewayProcess, token: str, batch: int, connections: int, seconds: float) -> tuple[Any, ...]:
    say(f"{connections} connections, {batch} events a request")
    senders = Senders(gateway.http_port, token, batch=batch)
    running = asyncio.create_task(senders.run(connections))
    await asyncio.sleep(1)
    senders.seconds.clear()
    before, cpu, began = len(senders.acknowledged), _cpu(gateway), time.perf_counter()
    await asyncio.sleep(seconds)
    took, used = time.perf_counter() - began, _cpu(gateway) - cpu
    events, times = len(senders.acknowledged) - before, sorted(senders.seconds)
    senders.stop()
    await running
    assert set(senders.statuses) == {202}, senders.statuses
    return (
        str(batch),
        connections,
        len(times) / took,
        events / took,
        percentile(times, 0.5) * 1000,
        percentile(times, 0.99) * 1000,
        f"{used / took:.0%}",
        used / events * 1e6,
    )


def _cpu(gateway: GatewayProcess) -> float:
    fields = Path(f"/proc/{gateway.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _killed(kafka: Kafka, folder: Path, options: Any, verdict: Verdict) -> None:
    folder.mkdir()
    gateway = GatewayProcess(kafka, folder)
    token = gateway.token()
    kinds = (Senders(gateway.http_port, token), Senders(gateway.http_port, token, batch=100, pause=0.05))
    with running(gateway):
        gateway.start().ready()
        asyncio.run(_kill(gateway, kinds, options))
    acknowledged = kinds[0].acknowledged | kinds[1].acknowledged
    sent = kinds[0].sent + kinds[1].sent
    found = held(kafka, timeout=600)
    repeated = sum(count > 1 for count in sent.values())
    twice = sum(count > 1 for count in found.values())
    broken = kinds[0].statuses[0] + kinds[1].statuses[0]
    print(
        f"\n{options.kills} kills; {broken} requests broke; {len(sent):,} events, {repeated:,} of them sent repeatedly;"
    )
    print(f"{found.total():,} records on the topic, {twice:,} events there more than once")
    verdict.check(broken > 0, "requests were under way when the gateway died")
    verdict.check(acknowledged <= found.keys(), f"each of {len(acknowledged):,} events that got a 202 is on the topic")
    worker = Worker(kafka, folder)
    with harness.at_work(worker):
        worker.until_drained(kafka, found.total(), 600)
        applied = worker.metric("sluicegate_log_accounted_records", outcome="applied")
        dropped = worker.metric("sluicegate_log_accounted_records", outcome="duplicates")
    verdict.check(applied == len(found), f"the worker counts {applied:,.0f} events, {len(found):,} were sent")
    verdict.check(dropped == found.total() - len(found), f"and drops {dropped:,.0f} repeats")


async def _kill(gateway: GatewayProcess, kinds: tuple[Senders, Senders], options: Any) -> None:
    chance = random.Random(options.seed)
    running = [asyncio.create_task(senders.run(count)) for senders, count in zip(kinds, (24, 4), strict=True)]
    for number in range(options.kills):
        await asyncio.sleep(chance.uniform(0.2, options.between))
        gateway.kill()
        gateway.start()
        await asyncio.to_thread(gateway.ready)
        say(f"kill {number + 1} of {options.kills}")
    await asyncio.sleep(0.5)
    for senders in kinds:
        senders.stop()
    await asyncio.gather(*running)


if __name__ == "__main__":
    sys.exit(main())
