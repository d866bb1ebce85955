"""Metrics of a worker: seconds, bytes and records, from closed label sets. Each has its meaning as help text.

Numbers only: no tenant, payee or account ever becomes a label.
"""

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector
from prometheus_client.exposition import generate_latest

from sluicegate import label_sets as sets
from sluicegate.detection.log import Outcome, Volume
from sluicegate.instruments import Instruments
from sluicegate.log.progress import Progress, Tally
from sluicegate.topics import INTAKE, OUTPUTS
from sluicegate.version import RULESET, __version__

__all__ = ["Metrics"]

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LATENCY = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60, 300, 3600)
"""With 2 s, which 99 % of events are to be scored within."""
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_COUNTS = (1, 5, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
_BYTES = (1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6)
_DIGITS = (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10)


class Worked(NamedTuple):
    """How far the partitions of an agent's topic are worked through."""

    agent: str
    records: Gauge
    position: Gauge
    backlog: Gauge
    unaccounted: Gauge | None
    """None where offsets have gaps."""
    commit_age: Gauge

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
        self.commit_age.remove(self.agent, label)


class Metrics:
    """One registry per worker process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = Instruments(self.registry)
        self._flow()
        self._detection()
        self._checkpoints()
        self._group()
        self._simple: Mapping[str, Counter] = {
            "alert": self.alerts,
            "dead_letter": self.letters,
            "disposition": self.dispositions,
            "finding": self.findings,
            "not_evaluable": self.not_evaluable,
            "rule_trip": self.rule_trips,
        }
        """What the core counts under the labels of a metric -> that metric."""

    def _flow(self) -> None:
        make = self.instruments
        build = make.gauge(
            "build_info",
            "1; which code and which rules run.",
            version=(__version__,),
            ruleset=(RULESET,),
        )
        build.labels(__version__, RULESET).set(1)
        self.placed = make.counter("intake_records", "Source records placed in the log, by source topic.", topic=INTAKE)
        self.intake_backlog = make.gauge("intake_backlog_records", "Records in memory that wait to be placed.")
        self.letters = make.counter("dead_letters", "Records refused, by reason of the contract.", reason=sets.REASONS)
        self.events = make.counter(
            "events",
            "Records worked through and committed, by source topic and outcome.",
            topic=sets.BROUGHT_BY,
            outcome=sets.OUTCOMES,
        )
        self.outputs = make.counter("outputs", "Records written by detect and shared, by topic.", topic=OUTPUTS)
        self.event_age = make.histogram(
            "event_age_seconds",
            "From the timestamp of an event's record to the commit that it is scored in; applied events only.",
            _LATENCY,
        )
        self.event_to_alert = make.histogram(
            "event_to_alert_seconds", "From the timestamp of an event's record to its alert's commit.", _LATENCY
        )
        self.steps = make.histogram(
            "step_seconds",
            "Of a step of an event's way. Intake, a batch: place (decode, check), append (until the log has it). "
            "Detect, a checkpoint: work (the core), write (outputs and state sent), commit (of the transaction).",
            _FAST,
            step=sets.STEPS,
        )
        self.ticks = make.counter("ticks_written", "Ticks of wall time written to the log.")

    def _detection(self) -> None:
        make = self.instruments
        self.alerts = make.counter(
            "alerts",
            "Revisions of alerts committed, by severity, family and activity; without the canary's.",
            severity=sets.SEVERITIES,
            family=sets.FAMILIES,
            activity=sets.ACTIVITIES,
        )
        self.findings = make.counter(
            "findings", "What rules found, by rule and what became of it.", rule=sets.RULES, outcome=sets.FOUND
        )
        self.not_evaluable = make.counter(
            "not_evaluable",
            "Tests that lacked an input, by rule and field.",
            sparse=True,
            rule=sets.RULES,
            field=sets.FIELDS,
        )
        self.rule_errors = make.counter(
            "rule_errors", "Rules that failed on an event; the others went on.", rule=sets.RULES
        )
        self.rule_trips = make.counter(
            "rule_trips",
            "Rules put in shadow until the tenant's next policy, by cause: fired, failed.",
            rule=sets.RULES,
            cause=sets.CAUSES,
        )
        self.internal_errors = make.counter(
            "internal_errors", "Events that detection failed on, which are dead letters."
        )
        self.anomaly_score = make.histogram(
            "anomaly_score",
            "Surprise of payments scored: -log10 of the p-value, to a tenth; by stream, without the canary's.",
            _DIGITS,
            stream=sets.STREAMS,
        )
        self.anomaly_payments = make.counter(
            "anomaly_payments",
            "Payments that the models saw, while they were warming or to be scored; without the canary's.",
            stream=sets.STREAMS,
            stage=sets.STAGES,
        )
        self.dispositions = make.counter(
            "dispositions", "Verdicts of analysts applied, by decision.", decision=sets.DECISIONS
        )
        self.list_updates = make.counter(
            "list_updates", "Sanctions lists, by result: switched, dropped.", result=sets.SWITCHES
        )
        self.list_entries = make.gauge(
            "list_entries", "Entries of the lists in force; of unknown names as private.", sparse=True, list=sets.LISTS
        )
        self.list_published = make.gauge(
            "list_version_timestamp_seconds",
            "When the version in force was published, the oldest of a name.",
            sparse=True,
            list=sets.LISTS,
        )
        self.lists_partial = make.gauge(
            "lists_partial", "1 while tenants are screened by the built-in starter list only, or by none; else 0."
        )
        self.evicted = make.counter(
            "evicted_ids", "Event ids forgotten early because a tenant sends more than are remembered."
        )

    def _checkpoints(self) -> None:
        make, agents = self.instruments, sets.AGENTS
        self.checkpoints = make.counter(
            "checkpoints",
            "Checkpoints, by agent and result: committed, fenced, failed.",
            agent=agents,
            result=sets.RESULTS,
        )
        self.checkpoint_seconds = make.histogram(
            "checkpoint_seconds", "Of a checkpoint's transaction.", _FAST, agent=agents
        )
        self.checkpoint_records = make.histogram(
            "checkpoint_records", "Records in a checkpoint.", _COUNTS, agent=agents
        )
        self.checkpoint_bytes = make.histogram(
            "checkpoint_bytes", "State written in a checkpoint, keys and values.", _BYTES, agent=agents
        )
        self.state_written = make.counter("state_written_records", "State records written in checkpoints.")
        self.state_written_bytes = make.counter(
            "state_written_bytes", "Bytes of keys and values written to topics of state."
        )
        self.state_records = make.gauge(
            "state_records",
            "State records in memory, also of partitions given away as long as they are kept lest they come back.",
            agent=agents,
        )
        self.state_bytes = make.gauge("state_bytes", "State in memory: values of records, encoded.", agent=agents)
        self.open_transaction = make.gauge(
            "open_transaction_seconds", "Age of the oldest transaction open in this worker; 0 when none is."
        )
        commit_age = make.gauge(
            "commit_age_seconds",
            "For how long records of a partition have waited since its last checkpoint; 0 while none waits.",
            agent=agents,
            partition=sets.PARTITIONS,
        )
        self.log_unaccounted = make.gauge(
            "log_unaccounted_records",
            "Records up to progress less all outcomes: anything but 0 is a fault.",
            partition=sets.PARTITIONS,
        )
        self.worked = {
            agent: Worked(
                agent=agent,
                records=make.gauge(
                    f"{topic}_accounted_records",
                    f"{name} up to progress, by partition and outcome.",
                    partition=sets.PARTITIONS,
                    outcome=sets.COUNTED,
                ),
                position=make.gauge(
                    f"{topic}_position", f"Next offset of the {topic} to work through.", partition=sets.PARTITIONS
                ),
                backlog=make.gauge(
                    f"{topic}_backlog_records",
                    f"{name} known and not yet worked through.",
                    partition=sets.PARTITIONS,
                ),
                unaccounted=self.log_unaccounted if topic == "log" else None,
                commit_age=commit_age,
            )
            for agent, topic, name in (("detect", "log", "Log records"), ("shared", "sightings", "Sightings"))
        }

    def _group(self) -> None:
        make = self.instruments
        self.open_partitions = make.gauge("open_partitions", "Partitions of the log this worker works on.")
        self.recovery = make.histogram("recovery_seconds", "From a partition's assignment to its first record.", _SLOW)
        self.recovered = make.counter("recovered_state_records", "State records read on recovery.")
        self.recovery_remaining = make.gauge(
            "recovery_remaining_records",
            "State records still to be read before all assigned partitions are open, by offsets: at most.",
        )
        self.fenced = make.counter("fenced", "Times another producer took a partition.")
        self.rebalances = make.counter("rebalances", "Assignments received from the group.")
        self.rebalance = make.histogram(
            "rebalance_seconds", "From the start, or from a revocation's beginning, to the assignment.", _SLOW
        )
        self.loop_delay = make.gauge("loop_delay_seconds", "How late the event loop woke a timer, last seen.")
        self.broker_away = make.gauge("broker_away_seconds", "For how long no broker has answered; 0 when one does.")

    def count_detection(self, tallies: Mapping[tuple[str, ...], int]) -> None:
        """Take over what the core counted in a checkpoint: (what, …details) -> times."""
        for (what, *details), times in tallies.items():
            simple = self._simple.get(what)
            if simple is not None:
                simple.labels(*details).inc(times)
            if details == ["internal_error"]:
                self.internal_errors.inc(times)
            elif what == "warming":
                self.anomaly_payments.labels(details[0], what).inc(times)
            elif what == "scored":
                stream, value = details
                self.anomaly_payments.labels(stream, what).inc(times)
                self.anomaly_score.labels(stream).observe_all(repeat(float(value), times))
            elif what == "rule_error":
                self.rule_errors.labels(details[0]).inc(times)
            elif what == "ids_evicted":
                self.evicted.inc(times)
            elif what in ("list_switch", "list_dropped"):  # a list's name is whatever a feed says
                self.list_updates.labels("switched" if what == "list_switch" else "dropped").inc(times)

    def count_events(self, outcomes: Mapping[tuple[str, Outcome], int], ages: Iterable[float]) -> None:
        """Records of a checkpoint by source topic and outcome, and the ages in seconds of the events among them."""
        for (topic, outcome), times in outcomes.items():
            self.events.labels(topic, outcome.value).inc(times)
        self.event_age.observe_all(ages)

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

    def show_commit_age(self, partition: int, seconds: float, agent: str = "detect") -> None:
        self.worked[agent].commit_age.labels(agent, str(partition)).set(seconds)

    def show_state(self, volume: Volume, agent: str) -> None:
        self.state_records.labels(agent).set(volume.records)
        self.state_bytes.labels(agent).set(volume.bytes)

    def forget_partition(self, partition: int, agent: str = "detect") -> None:
        """Show nothing more of a partition that another worker holds now."""
        self.worked[agent].forget(partition)

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)
