"""Metrics of a worker: seconds, bytes and records, from closed label sets. Each has its meaning as help text.

Numbers only: no tenant, payee or account ever becomes a label.
"""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from sluicegate.log.progress import Progress
from sluicegate.topics import SOURCES

__all__ = ["Metrics"]

_FAST = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LATENCY = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60, 300, 3600)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_SIZES = (1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


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

        self.checkpoints = counter("checkpoints", "Checkpoints, by result: committed, fenced, failed.", "result")
        self.checkpoint_seconds = histogram("checkpoint_seconds", "Of a checkpoint's transaction.", _FAST)
        self.checkpoint_work = histogram("checkpoint_work_seconds", "Of detection within a checkpoint.", _FAST)
        self.checkpoint_records = histogram("checkpoint_records", "Log records in a checkpoint.", _SIZES)
        self.state_written = counter("state_written_records", "State records written in checkpoints.")
        self.state_bytes = counter("state_written_bytes", "Bytes of keys and values written to the state topic.")

        self.log_records = gauge(
            "log_accounted_records", "Log records up to progress, by partition and outcome.", "partition", "outcome"
        )
        self.log_position = gauge("log_position", "Next offset of the log to work through.", "partition")
        self.log_unaccounted = gauge(
            "log_unaccounted_records",
            "Records up to progress less all outcomes: anything but 0 is a fault.",
            "partition",
        )
        self.log_backlog = gauge("log_backlog_records", "Log records known and not yet worked through.", "partition")
        self.open_partitions = gauge("open_partitions", "Log partitions this worker works on.")
        self.recovery = histogram("recovery_seconds", "From a partition's assignment to its first record.", _SLOW)
        self.recovered = counter("recovered_state_records", "State records read on recovery.")
        self.fenced = counter("fenced", "Times another producer took a partition.")
        self.rebalances = counter("rebalances", "Assignments received from the group.")
        self.ticks = counter("ticks_written", "Ticks of wall time written to the log.")
        self.loop_delay = gauge("loop_delay_seconds", "How late the event loop woke a timer, last seen.")
        self.broker_away = gauge("broker_away_seconds", "For how long no broker has answered; 0 when one does.")
        for topic in SOURCES:
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

    def show_progress(self, partition: int, progress: Progress) -> None:
        label = str(partition)
        counts = progress.counts
        for outcome in counts.__struct_fields__:
            self.log_records.labels(label, outcome).set(getattr(counts, outcome))
        self.log_position.labels(label).set(progress.following)
        self.log_unaccounted.labels(label).set(progress.following - progress.first - counts.total)

    def forget_partition(self, partition: int) -> None:
        """Show nothing more of a partition that another worker holds now."""
        label = str(partition)
        for outcome in Progress.start(topic_id="", partitions=0).counts.__struct_fields__:
            self.log_records.remove(label, outcome)
        for metric in (self.log_position, self.log_unaccounted, self.log_backlog):
            metric.remove(label)

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)
