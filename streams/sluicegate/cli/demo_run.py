"""What happens in the demo once the stage is set: history, then live events, and the alerts they raise."""

import signal
import sys
import threading
import time
from collections import Counter
from types import FrameType

import click
from rich.console import Console

from sluicegate.cli.alert_text import View, decode, text
from sluicegate.cli.kafka import Sender, follow, sender
from sluicegate.cli.pace import Pace
from sluicegate.cli.stage import Stage
from sluicegate.generate.drafts import Case
from sluicegate.generate.stream import Generator
from sluicegate.settings import Settings
from sluicegate.topics import name_of
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.scalars import format_time, parse_time

__all__ = ["Feed", "Show", "Stopped", "Tally", "stop_on_signals"]

_HISTORY_SECONDS = 180.0
_PASSWORD = "SLUICEGATE_KAFKA_PASSWORD"  # noqa: S105 (a name; what it holds is not shown)

_LATE = 5.0
"""Seconds within which a scheme should be found; younger ones are not counted as missed."""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, a closed terminal or a plain kill.

    Not KeyboardInterrupt itself: where that passes through an `exec` of some library, Python ends by the signal in the
    end, whoever catches it.
    """


def stop_on_signals(console: Console) -> None:
    """Raise Stopped at the first such signal; later ones would only disturb the stopping."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(_: int, __: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        console.print("\nStopping: generator, worker, Kafka")
        raise Stopped

    for number in signals:
        signal.signal(number, stop)


class Feed:
    """Sends the generator's events; the live ones in a thread of its own."""

    def __init__(self, settings: Settings, generator: Generator, *, rate: float, scheme_every: float) -> None:
        self._settings = settings
        self._generator = generator
        self._rate = rate
        self._scheme_every = scheme_every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generator", daemon=True)
        self.error: Exception | None = None
        self.sent_live = 0
        self.schemes: list[tuple[float, Case]] = []
        """When each hidden scheme was begun (monotonic seconds), and what it is."""

    def history(self) -> int:
        """Send the past, and give the number of its events."""
        count = 0
        with sender(self._settings) as out:
            for event in self._generator.history():
                out.send(name_of(event.topic, self._settings), event.value, event.key)
                count += 1
        return count

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """May be called at any time, and more than once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def check(self) -> None:
        """Raise what stopped the sending."""
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            with sender(self._settings, linger_ms=5) as out:
                self._live(out)
        except Exception as error:  # noqa: BLE001 (shown by the main thread, which ends the demo)
            self.error = error

    def _wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _live(self, out: Sender) -> None:
        pace = Pace(self._rate, sleep=self._wait)
        next_scheme = time.monotonic()
        while not self._stop.is_set():
            at = pace.next()
            if time.monotonic() >= next_scheme:
                next_scheme += self._scheme_every
                case = self._generator.inject()
                if case is not None:
                    self.schemes.append((time.monotonic(), case))
            event = self._generator.next_live(int(at * 1_000_000))
            out.send(name_of(event.topic, self._settings), event.value, event.key)
            self.sent_live += 1


class Tally:
    """What was seen so far."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self._found: set[tuple[str, str, str, str]] = set()

    def add(self, alert: View) -> None:
        if alert.activity == "create":
            self.opened[alert.severity] += 1
        about = alert.tenant_id, alert.subject.kind, alert.subject.id
        self._found |= {(*about, reason.rule) for reason in alert.reasons}

    def text(self) -> str:
        """
        >>> Tally().text()
        'no alerts'
        """
        found = [
            f"{self.opened[level]} {level}" for level in ("critical", "high", "medium", "low") if self.opened[level]
        ]
        return f"{self.opened.total()} alerts ({', '.join(found)})" if found else "no alerts"

    def missed(self, schemes: list[Case]) -> list[Case]:
        """Those of the schemes that no alert tells of, by rule and subject."""
        return [
            case for case in schemes if (case.tenant, case.subject_kind, case.subject_id, case.rule) not in self._found
        ]


class Show:
    """Tells what happens, step by step, and shows the alerts."""

    def __init__(self, console: Console, stage: Stage, feed: Feed, *, as_json: bool) -> None:
        self._console = console
        self._stage = stage
        self._feed = feed
        self._as_json = as_json
        self._tally = Tally()
        self._began = time.monotonic()

    def history(self) -> None:
        """Send five months of the past, and wait until they are worked through."""
        began = time.monotonic()
        count = self._feed.history()
        self._say(f"History: {count:,} events of the last five months sent; what is usual is learned from them")

        def worked_through() -> bool:
            return self._stage.metric("sluicegate_events_total") >= count

        if not self._stage.wait_for(worked_through, _HISTORY_SECONDS):
            raise click.ClickException(f"the worker has not worked through the history in {_HISTORY_SECONDS:.0f} s")
        self._say(f"  worked through, {time.monotonic() - began:.1f} s after the first was sent")

    def live(self, seconds: float | None) -> None:
        """Show what is found in live events, for some seconds or until Ctrl-C; then the sum of it."""
        settings = self._stage.settings
        self._say("Live: payments happen now, and schemes hide among them. Ctrl-C ends it.")
        place = f"--broker {settings.broker} --topic-prefix {settings.topic_prefix}"
        variables = "".join(f"{name}={text} " for name, text in settings.variables().items() if name != _PASSWORD)
        self._say(f"  from another terminal: {variables}.venv/bin/sluicegate watch {place}")
        shown = self._stage.console
        if shown is not None:
            self._say(
                f"  in a browser, to decide on them: {shown.url} (name {shown.person}, password {shown.password})"
            )
        self._say("")
        self._began = time.monotonic()
        start = format_time(int(time.time() * 1_000_000))
        topic = name_of("alerts", settings)
        with self._console.status("") as line:

            def poll() -> None:
                self._stage.check()
                self._feed.check()
                line.update(self._line())

            try:
                for record in follow(settings, topic, timeout=seconds, on_ready=self._feed.start, on_poll=poll):
                    self._alert(record.value, start)
            finally:
                self._feed.stop()
                self._sum_up()

    def _sum_up(self) -> None:
        self._say(self._line())
        shown = self._stage.console
        if shown is not None:
            self._say(f"Console: {shown.verdicts()} verdicts were given at {shown.url}, which ends now")
        due = [case for at, case in self._feed.schemes if time.monotonic() - at > _LATE]
        missed = self._tally.missed(due)
        if due:
            names = f"; not {', '.join(sorted({case.scheme for case in missed}))}" if missed else ""
            self._say(
                f"{len(due) - len(missed)} of {len(due)} schemes hidden more than {_LATE:.0f} s ago were found{names}"
            )
        if any(case.rule == "unusual-payment" for case in missed):
            self._say(
                "  unusual-payment stays silent until it has learned from enough payments of a tenant (warm_up), and"
                "\n  raises no more alerts a day than its budget: `sluicegate rules show unusual-payment`"
            )

    def _alert(self, value: bytes, start: str) -> None:
        alert = decode(value)
        if (
            alert is None or alert.tenant_id == CANARY_TENANT or alert.last_event_at < start
        ):  # of the history, raised late
            return
        self._tally.add(alert)
        if self._as_json:
            sys.stdout.buffer.write(value + b"\n")
            sys.stdout.flush()
            return
        shown = text(alert)
        happened = parse_time(alert.last_event_at)
        if happened is not None and (late := time.time() - happened / 1e6) < _LATE:
            shown.append(f"\n  seen   {late * 1000:.0f} ms after the event", "dim")
        self._console.print(shown, end="\n\n")

    def _line(self) -> str:
        seconds = time.monotonic() - self._began
        live = self._feed.sent_live
        return f"{seconds:.0f} s: {live:,} live events, {len(self._feed.schemes)} schemes hidden, {self._tally.text()}"

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False)
