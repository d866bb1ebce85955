"""What a stress run showed, as figures and an exit status. Pure: everything measured comes in."""

from collections.abc import Sequence

import msgspec

__all__ = ["Limits", "StressReport", "percentile"]


class Limits(msgspec.Struct, frozen=True):
    """What must not be exceeded; None: no limit. Seconds, and a share of the certain alerts."""

    p99: float | None = None
    drop: float | None = None


class StressReport(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. `latencies`: from the time an event was due to be sent to the sight of its committed alert."""

    rate: float
    """Events per second that were due."""
    seconds: float
    """From the first due time to the last acknowledgement."""
    sent: int
    worked: int
    """Records of the log that workers accounted for; `sent` of them when all arrived."""
    behind: float
    """How late the sender itself was at the most."""
    expected: int
    """Certain alerts."""
    seen: int
    latencies: Sequence[float]
    """Of those seen, without the warm-up."""
    cpu: float | None
    """CPU seconds of all workers meanwhile; None where the system does not tell."""

    @property
    def drop(self) -> float:
        """Share of the certain alerts that never came."""
        return (self.expected - self.seen) / self.expected if self.expected else 0.0

    @property
    def throughput(self) -> float:
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_event(self) -> float | None:
        """Seconds."""
        return None if self.cpu is None or not self.worked else self.cpu / self.worked

    def breaches(self, limits: Limits) -> list[str]:
        """What exceeds the limits, in words. A run in which nothing was measured breaches any limit."""
        found = []
        if self.expected == 0 or not self.latencies:
            return ["no alert was measured"]
        p99 = percentile(self.latencies, 99)
        if limits.p99 is not None and p99 > limits.p99:
            found.append(f"p99 is {_ms(p99)}, more than {_ms(limits.p99)}")
        if limits.drop is not None and self.drop > limits.drop:
            found.append(f"{self.drop:.3%} of the certain alerts never came, more than {limits.drop:.3%}")
        return found

    def figures(self) -> dict[str, float | int | None]:
        """For a machine: the latencies as percentiles, in seconds."""
        rest = {name: value for name, value in msgspec.structs.asdict(self).items() if name != "latencies"}
        spread = {f"p{q}": percentile(self.latencies, q) for q in (50, 95, 99, 100)} if self.latencies else {}
        own = {"drop": self.drop, "throughput": self.throughput, "cpu_per_event": self.cpu_per_event}
        return rest | own | spread

    def text(self) -> str:
        """For a person.

        >>> print(StressReport(rate=10, seconds=2.0, sent=20, worked=20, behind=0.001, expected=4, seen=3,
        ...     latencies=[0.02, 0.03, 0.05], cpu=0.004).text())
        sent     20 events in 2.0 s (10.0/s of 10/s due), at most 1 ms behind schedule
        worked   20 events
        alerts   3 of 4 certain ones, 25.000% dropped
        latency  p50 30 ms, p95 50 ms, p99 50 ms, max 50 ms (due time to committed alert, 3 measured)
        cpu      200 µs an event
        """
        pace = f"{self.throughput:,.1f}/s of {self.rate:,g}/s due"
        late = _ms(self.behind)
        lines = [
            f"sent     {self.sent:,} events in {self.seconds:.1f} s ({pace}), at most {late} behind schedule",
            f"worked   {self.worked:,} events",
            f"alerts   {self.seen:,} of {self.expected:,} certain ones, {self.drop:.3%} dropped",
        ]
        if self.latencies:
            named = ((50, "p50"), (95, "p95"), (99, "p99"), (100, "max"))
            spread = ", ".join(f"{name} {_ms(percentile(self.latencies, q))}" for q, name in named)
            lines.append(f"latency  {spread} (due time to committed alert, {len(self.latencies):,} measured)")
        if self.cpu_per_event is not None:
            lines.append(f"cpu      {self.cpu_per_event * 1e6:.0f} µs an event")
        return "\n".join(lines)


def percentile(values: Sequence[float], q: float) -> float:
    """The smallest value that at least `q` percent of the values do not exceed (nearest rank).

    >>> [percentile([3, 1, 2, 4], q) for q in (0, 25, 50, 51, 100)]
    [1, 1, 2, 3, 4]
    """
    ordered = sorted(values)
    rank = -(-len(ordered) * q // 100)
    return ordered[max(0, int(rank) - 1)]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
