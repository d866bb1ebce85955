"""Every alert fires at its fault and clears when it is mended: python -m tests.bench.faults [--only ACT,…] [--scale N]

Real processes: Apache Kafka, two workers, the lag exporter, the canary, the console, and Prometheus with the committed
configuration and rules. Made-up payments flow, with schemes among them. Act by act a fault is made, Prometheus is asked
until the alerts of that fault fire, the fault is mended, and Prometheus is asked until they clear.

Times of the rules are divided by --scale (60: an hour is a minute; `for`, ranges, offsets, and no others: a threshold
of a minute is a minute here, too), scrapes come once a second, the canary sends every two seconds. Faults that cannot
be made from outside are put into the workers (`fault_plugin.py`, which says which figure is not real).
"""

import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.log.checkpoint import transactional_producer
from tests.bench import fault_plugin
from tests.bench.fault_scene import Scene
from tests.bench.harness import Verdict, arguments, headline, settings_of, table
from tests.streams.kafka import Kafka

BATCH = 30


def no_list(scene: Scene) -> None:
    """First: nothing has been published yet."""

    def mend() -> None:
        scene.publish("1", 400, name="un")
        scene.history()
        scene.flow()

    scene.act("no sanctions list is there", ["ListsPartial"], lambda: None, mend)


def killed(scene: Scene) -> None:
    one = scene.workers[0]
    scene.act("a worker is killed (kill -9), started again", ["WorkerDown"], one.kill, one.start)


def pause(scene: Scene) -> None:
    for worker in scene.workers:
        worker.pause()


def resume(scene: Scene) -> None:
    for worker in scene.workers:
        worker.resume()


def late(scene: Scene) -> None:
    """What waited meanwhile is scored late."""

    def make() -> None:
        pause(scene)
        time.sleep(30)
        resume(scene)

    fault = "both workers stand still for 30 s, and go on"
    scene.act(fault, ["SloBurnFast", "SloBurnSlow"], make, lambda: None, clears=480)


def fenced(scene: Scene) -> None:
    """As when a second deployment has the same SLUICEGATE_APP_ID. Once a partition: thrice a minute ends a worker."""
    settings = settings_of(scene.kafka)

    async def take() -> None:
        for partition in range(settings.partitions):
            producer = transactional_producer(settings, f"{settings.app_id}-{partition}")
            await producer.start()
            await producer.stop()

    scene.act("another producer takes each partition, once", ["Fenced"], lambda: asyncio.run(take()), lambda: None)


def stalled(scene: Scene) -> None:
    scene.act(
        "both workers stand still (SIGSTOP)",
        ["CommitsStalled", "LagHigh", "CanaryLost"],
        lambda: pause(scene),
        lambda: resume(scene),
    )


def poison(scene: Scene) -> None:
    ended = threading.Event()

    def flood() -> None:
        with Kafka(scene.kafka.bootstrap, scene.kafka.prefix) as own:
            while not ended.wait(0.1):
                own.send("vendor-payments", [b"{not json"] * 5)

    thread = threading.Thread(target=flood, daemon=True)
    scene.act("50 records a second that are no JSON", ["DeadLetters"], thread.start, ended.set)


def broken_rule(scene: Scene) -> None:
    """Rules that the made-up history tripped are under way before; `act` waits until that is forgotten."""
    fault = f"rule {fault_plugin.RULE} raises"
    scene.act(fault, ["RuleErrors", "RuleTripped"], scene.flag("rule"), scene.unflag("rule"))


def defects(scene: Scene) -> None:
    for flag, fault, alerts in (
        ("internal", "detection raises on every 20th record", ["InternalErrors"]),
        ("unaccounted", "a record is missing in the account (the figure is made up)", ["Unaccounted"]),
        ("commit", "commits are held back", ["TransactionOpen"]),
        ("rejoin", "workers rejoin their group every second", ["Rebalancing"]),
    ):
        scene.act(fault, alerts, scene.flag(flag), scene.unflag(flag))


def recovery(scene: Scene) -> None:
    def make() -> None:
        scene.flag("recovery")()
        scene.workers[0].terminate()
        scene.workers[0].start()

    scene.act("a worker starts, and its state comes slowly", ["RecoveryLong"], make, scene.unflag("recovery"))


def lists(scene: Scene) -> None:
    scene.publish("2", 400, days_ago=0)
    time.sleep(5)
    scene.act(
        "a list of 400 entries is replaced by one of 300",
        ["ListShrunk"],
        lambda: scene.publish("3", 300),
        lambda: scene.publish("4", 400),
    )


def old_list(scene: Scene) -> None:
    """Before any newer one is there: an older one is not taken."""
    scene.act(
        "the list in force was published 20 days ago",
        ["ListOld"],
        lambda: scene.publish("0", 400, days_ago=20),
        lambda: scene.publish("1b", 400),
    )


def exporters(scene: Scene) -> None:
    for tool, name in ((scene.lag, "lag"), (scene.canary, "canary")):
        scene.act(f"sluicegate {name} is killed, started again", ["ExporterDown"], tool.kill, tool.start)


def console(scene: Scene) -> None:
    scene.act("the console is killed, started again", ["ConsoleDown"], scene.console.kill, scene.console.start)


def critical(scene: Scene) -> None:
    deciding = threading.Event()
    ended = threading.Event()

    def decide() -> None:
        while not ended.wait(0.2):
            if deciding.is_set():
                scene.confirm("critical")

    deciding.set()
    thread = threading.Thread(target=decide, daemon=True)
    thread.start()
    scene.act("nobody decides on critical alerts", ["CriticalWaiting"], deciding.clear, deciding.set)
    ended.set()
    thread.join()


def broker(scene: Scene) -> None:
    """For long enough that a verdict has waited for five minutes."""

    def make() -> None:
        scene.quiet()
        pid = scene.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        scene.confirm("high", 1) or scene.confirm("medium", 1)

    def mend() -> None:
        pid = scene.broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGCONT)
        time.sleep(3)
        scene.flow()

    scene.act(
        "the broker stands still (SIGSTOP), and a verdict is given",
        ["BrokerAway", "ConsoleFeedBehind", "OutboxGrowing"],
        make,
        mend,
        patience=420,
    )


def silent(scene: Scene) -> None:
    """For as long as the rule looks back, which is six hours: minutes here."""
    ended = threading.Event()

    def send() -> None:
        number = 0
        with Kafka(scene.kafka.bootstrap, scene.kafka.prefix) as own:
            while not ended.wait(0.5):
                own.send("worker-lifecycle", [hired(number + at) for at in range(BATCH)], key="calm")
                number += BATCH

    def make() -> None:
        scene.quiet()
        threading.Thread(target=send, daemon=True).start()

    def mend() -> None:
        ended.set()
        scene.flow()

    scene.act("60 events a second that nothing is found in", ["DetectorSilent"], make, mend, patience=600)


def hired(number: int) -> dict[str, object]:
    """An event in which there is nothing to find."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "specversion": "1.0",
        "id": f"h-{number}",
        "source": "/feeds/calm",
        "type": "worker.lifecycle.v1",
        "time": now,
        "tenantid": "calm",
        "data": {
            "action": "hire",
            "payee": {"payee_id": f"C{number}", "kind": "employee", "country": "US"},
            "effective_date": now[:10],
        },
    }


def calm(scene: Scene) -> None:
    """Nothing is wrong: load, and a deployment. That takes the time it takes: --scale 10 is right for this one."""
    seen: set[str] = set()

    def watch(seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            scene.confirm("critical")
            seen.update(scene.prometheus.firing())
            time.sleep(1)

    # the made-up history, sent at once, trips rules and is scored late: that is under way
    before = {alert.name for alert in scene.prometheus.alerts()}
    watch(45)
    for worker in scene.workers:
        worker.terminate()
        worker.start()
        watch(25)
    scene.wrong |= seen - before


ACTS = (
    no_list,
    old_list,
    killed,
    late,
    fenced,
    stalled,
    poison,
    broken_rule,
    defects,
    recovery,
    lists,
    exporters,
    console,
    critical,
    broker,
    silent,
)
ALL = (*ACTS, calm)


def main() -> int:
    """Exit status 1 where an alert did not fire, or did not clear."""
    args = arguments(
        __doc__ or "",
        only=("", "names of acts, comma-separated; all but calm where empty"),
        scale=(60.0, "by which times of the rules are divided"),
    )
    wanted = args.only.split(",") if args.only else [act.__name__ for act in ACTS]
    headline("faults and alerts")
    print(f"times of the rules divided by {args.scale:.0f}; thresholds as committed")
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="sluicegate-faults-") as folder, ExitStack() as stack:
        one = Scene(stack, Path(folder), args.scale)
        if "no_list" not in wanted:
            if "old_list" not in wanted:
                one.publish("1", 400)
            one.history()
            one.flow()
            time.sleep(20)
        for act in ALL:
            if act.__name__ in wanted:
                act(one)
    table(
        [(row.alert, row.fault, _seconds(row.fired), _seconds(row.cleared)) for row in one.rows],
        ("alert", "fault", "fired after s", "cleared after s"),
    )
    if "calm" in wanted:
        verdict.check(
            not one.wrong, f"no alert fires when nothing is wrong{''.join(f'; {name}' for name in one.wrong)}"
        )
    for row in one.rows:
        verdict.check(row.fired is not None and row.cleared is not None, f"{row.alert} fires and clears")
    return verdict.status


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main())
