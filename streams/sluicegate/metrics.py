"""Metrics of a worker: seconds, bytes and records, from closed label sets. Each has its meaning as help text.

Numbers only: no tenant, payee or account ever becomes a label.
"""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from sluicegate.log.progress import Progress, Tally
from sluicegate.topics import INTAKE

__all__ = ["Metrics"]

_FAST = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LATENCY = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60, 300, 3600)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_SIZES = (1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


class Worked(NamedTuple):
    """How far the partitions of an agent's topic are worked through."""

    records: Gauge
    position: Gauge
    backlog: Gauge
    unaccounted: Gauge | None
    """None where offsets have gaps."""

    def show(self, partition: int, progress: Progress) -> None:
        label = str(partition)
        counts = progress.counts
        for outcome in counts.__struct_fields__:
            self.records.labels(label, outcome).set(getattr(counts, outcome))
        self.position.labels(label).set(progress.following)
        if self.unaccounted is not None:
            self.unaccounted.labels(label).set(progress.following - progress.first - counts.total)

    def forget(self, partition: int) -> None:
        label = str(partition)
        for outcome in Tally.__struct_fields__:
            self.records.remove(label, outcome)
        for metric in (self.position, self.backlog, self.unaccounted):
            if metric is not None:
                metric.remove(label)


class Metrics:
    """One registry per worker process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"sluicegate_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"sluicegate_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"sluicegate_{name}", text, labels, buckets=buckets, registry=registry)

        self.placed = counter("intake_records", "Source records placed in the log, by source topic.", "topic")
        self.intake_batch = histogram("intake_batch_seconds", "From a batch's first record to the log's answer.", _FAST)
        self.intake_backlog = gauge("intake_backlog_records", "Records waiting in source partitions held here.")
        self.letters = counter("dead_letters", "Records refused, by reason of the contract.", "reason")

        self.events = counter("events", "Log records worked through, by source topic and outcome.", "topic", "outcome")
        self.outputs = counter("outputs", "Records written by detect, by topic.", "topic")
        self.event_to_alert = histogram(
            "event_to_alert_seconds", "From the timestamp of an event's record to its alert's commit.", _LATENCY
        )
        self.findings = counter("findings", "What rules found, by rule and what became of it.", "rule", "outcome")
        self.not_evaluable = counter("not_evaluable", "Tests that lacked an input, by rule and field.", "rule", "field")
        self.rule_errors = counter("rule_errors", "Rules that failed on an event; the others went on.", "rule")
        self.rule_trips = counter(
            "rule_trips",
            "Rules put in shadow until the tenant's next policy, by cause: fired, failed.",
            "rule",
            "cause",
        )
        self.internal_errors = counter("internal_errors", "Events that detection failed on, which are dead letters.")
        self.list_updates = counter("list_updates", "Sanctions lists, by result: switched, dropped.", "result")
        self.list_entries = gauge("list_entries", "Entries of the lists in force; of unknown names as private.", "list")
        self.list_published = gauge(
            "list_version_timestamp_seconds", "When the version in force was published, the oldest of a name.", "list"
        )
        self.lists_partial = gauge(
            "lists_partial", "1 while tenants are screened by the built-in starter list only, or by none; else 0."
        )

        self.evicted = counter(
            "evicted_ids", "Event ids forgotten early because a tenant sends more than are remembered."
        )

        self.checkpoints = counter(
            "checkpoints", "Checkpoints, by agent and result: committed, fenced, failed.", "agent", "result"
        )
        self.checkpoint_seconds = histogram("checkpoint_seconds", "Of a checkpoint's transaction.", _FAST, "agent")
        self.checkpoint_work = histogram("checkpoint_work_seconds", "Of work before the transaction.", _FAST, "agent")
        self.checkpoint_records = histogram("checkpoint_records", "Records in a checkpoint.", _SIZES, "agent")
        self.state_written = counter("state_written_records", "State records written in checkpoints.")
        self.state_bytes = counter("state_written_bytes", "Bytes of keys and values written to topics of state.")

        self.log_unaccounted = gauge(
            "log_unaccounted_records",
            "Records up to progress less all outcomes: anything but 0 is a fault.",
            "partition",
        )
        self.worked = {
            agent: Worked(
                records=gauge(
                    f"{topic}_accounted_records",
                    f"{name} up to progress, by partition and outcome.",
                    "partition",
                    "outcome",
                ),
                position=gauge(f"{topic}_position", f"Next offset of the {topic} to work through.", "partition"),
                backlog=gauge(f"{topic}_backlog_records", f"{name} known and not yet worked through.", "partition"),
                unaccounted=self.log_unaccounted if topic == "log" else None,
            )
            for agent, topic, name in (("detect", "log", "Log records"), ("shared", "sightings", "Sightings"))
        }
        self.open_partitions = gauge("open_partitions", "Partitions of the log this worker works on.")
        self.recovery = histogram("recovery_seconds", "From a partition's assignment to its first record.", _SLOW)
        self.recovered = counter("recovered_state_records", "State records read on recovery.")
        self.fenced = counter("fenced", "Times another producer took a partition.")
        self.rebalances = counter("rebalances", "Assignments received from the group.")
        self.ticks = counter("ticks_written", "Ticks of wall time written to the log.")
        self.loop_delay = gauge("loop_delay_seconds", "How late the event loop woke a timer, last seen.")
        self.broker_away = gauge("broker_away_seconds", "For how long no broker has answered; 0 when one does.")
        for topic in INTAKE:
            self.placed.labels(topic)

    def count_detection(self, tallies: Mapping[tuple[str, ...], int]) -> None:
        """Take over what the core counted in a checkpoint: (what, …details) -> times."""
        for (what, *details), times in tallies.items():
            if what == "finding":
                self.findings.labels(*details).inc(times)
            elif what == "not_evaluable":
                self.not_evaluable.labels(*details).inc(times)
            elif what == "rule_error":
                self.rule_errors.labels(details[0]).inc(times)
            elif what == "rule_trip":
                self.rule_trips.labels(*details).inc(times)
            elif what == "dead_letter":
                self.letters.labels(*details).inc(times)
            elif what == "internal_error":
                self.internal_errors.inc(times)
            elif what == "ids_evicted":
                self.evicted.inc(times)
            elif what in ("list_switch", "list_dropped"):  # a list's name is whatever a feed says
                self.list_updates.labels("switched" if what == "list_switch" else "dropped").inc(times)

    def show_lists(self, entries: Mapping[str, int], published: Mapping[str, float], partial: bool) -> None:
        """Show the lists in force, by name from a closed set; published: seconds since 1970 UTC."""
        for gauge, values in ((self.list_entries, entries), (self.list_published, published)):
            gauge.clear()
            for name, value in values.items():
                gauge.labels(name).set(value)
        self.lists_partial.set(partial)

    def show_progress(self, partition: int, progress: Progress, agent: str = "detect") -> None:
        self.worked[agent].show(partition, progress)

    def show_backlog(self, partition: int, records: int, agent: str = "detect") -> None:
        self.worked[agent].backlog.labels(str(partition)).set(records)

    def forget_partition(self, partition: int, agent: str = "detect") -> None:
        """Show nothing more of a partition that another worker holds now."""
        self.worked[agent].forget(partition)

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)
