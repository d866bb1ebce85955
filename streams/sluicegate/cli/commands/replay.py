"""`sluicegate replay`: files in, alerts out, by the same detection as the stream (contract section 8)."""

import gc
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import kafka_options
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.output import STANDARD, FileError, check_distinct, write_lines

if TYPE_CHECKING:
    from sluicegate.detection.log import Output
    from sluicegate.replay import Replay

FILE = click.Path(path_type=Path)
_SHOWN = 5
"""Bad lines that are named one by one."""


@click.command("replay")
@click.argument("files", nargs=-1, metavar="FILE...", type=FILE)
@click.option("--alerts", type=FILE, metavar="OUT", help="Every alert revision, in order. Default: standard output.")
@click.option("--dead-letters", type=FILE, metavar="OUT", help="Lines that were refused, with reason and place.")
@click.option("--signals", type=FILE, metavar="OUT", help="Findings that raised no alert, and why not; notices.")
@click.option("--decisions", type=FILE, metavar="OUT", help="What was decided about payments of runs, in order.")
@click.option("--scores", type=FILE, metavar="OUT", help="The anomaly score of every payment.")
@click.option("--summary", is_flag=True, help="Afterwards, print counts by rule and severity, and the lists in force.")
@click.option("--verify", multiple=True, metavar="ALERT_ID", help="Make this alert again from the log, and compare.")
@click.option(
    "--alerts-in", multiple=True, type=FILE, metavar="FILE", help="--verify: what to compare. Default: the topic."
)
@click.option("--tenant", help="--verify: of this tenant only.")
@kafka_options
def command(
    files: tuple[Path, ...],
    alerts: Path | None,
    dead_letters: Path | None,
    signals: Path | None,
    decisions: Path | None,
    scores: Path | None,
    summary: bool,
    verify: tuple[str, ...],
    alerts_in: tuple[Path, ...],
    tenant: str | None,
    broker: str | None,
    topic_prefix: str | None,
) -> None:
    """Run detection over files of events, without Kafka.

    The same input gives the same bytes. Each line of a FILE is one CloudEvent (structured mode), in order of arrival;
    files are read in the order given, and may be gzipped; - is standard input, or as OUT standard output. A file
    written by `sluicegate log export` gives exactly the alerts that the stream gave.

    With --verify, chosen alerts are made again from the log, FILEs of `log export` or else the topic, and compared
    byte for byte with what was said: revision by revision, with the values that differ and the versions then and now.
    Where the log is not whole, so that an alert may rightly come out otherwise, it says so.

    Exit status: 0 when the input was processed (refused lines go to --dead-letters; their number, and the first five,
    to standard error); 2 when a file cannot be read or written. With --verify: 0 when all revisions are equal, 1 when
    one is not, 2 when an alert, or its tenant's log, is not there.

    \b
    Example:
      sluicegate generate --count 20000 --out events.jsonl
      sluicegate replay events.jsonl --alerts alerts.jsonl --summary
      sluicegate replay --verify al_084a4cb75606c5da14365bb8f5173bf9 --broker 127.0.0.1:9092
    """
    if verify:
        if any((alerts, dead_letters, signals, decisions, scores, summary)):
            raise click.UsageError("--verify goes with --alerts-in, --tenant, --broker and --topic-prefix only")
        _reenact(verify, files, alerts_in, tenant, broker, topic_prefix)
        return
    if any((alerts_in, tenant, broker, topic_prefix)):
        raise click.UsageError("--alerts-in, --tenant, --broker and --topic-prefix go with --verify only")
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    from sluicegate.cli.replay_summary import Summary
    from sluicegate.detection.in_force import in_force
    from sluicegate.replay import Replay

    gc.set_threshold(50_000, 20, 20)  # few cycles arise, and looking for them takes a tenth of the time
    size = check_readable(files)
    check_distinct(files, [path for path in (alerts, dead_letters, signals, decisions, scores) if path is not None])
    alerts = alerts or STANDARD
    counted = Summary()
    letters: list[bytes] = []
    with ExitStack() as stack:
        paths = {"alerts": alerts, "dead-letters": dead_letters, "signals": signals, "decisions": decisions}
        writers = {topic: stack.enter_context(write_lines(path)) for topic, path in paths.items() if path is not None}

        def emit(output: "Output") -> None:
            write = writers.get(output.topic)
            if write is not None:
                write(output.value)
            if summary and output.topic == "alerts":
                counted.alert(output.value)
            if output.topic == "dead-letters" and len(letters) < _SHOWN:
                letters.append(output.value)

        replay = Replay(emit, stack.enter_context(write_lines(scores)) if scores is not None else None)
        # a bar between alerts on the same screen would only disturb
        watched = alerts != STANDARD or not sys.stdout.isatty()
        bar = stack.enter_context(Progressing(size, "events", lambda: replay.counts.total, wanted=watched))
        _feed(replay, files, bar)
        sys.stdout.flush()
    if summary:
        lists = in_force([replay.partition])
        click.echo(counted.text(replay.counts, replay.tallies, lists), nl=False, err=alerts == STANDARD)
    for fault in replay.faults:
        click.echo(f"detection failed on an event, which was set aside: {_place(fault)}", err=True)
    if replay.counts.dead_letters:
        for letter in letters:
            click.echo(_refusal(letter, {path.name: path for path in files}), err=True)
        count = replay.counts.dead_letters
        advice = "; --dead-letters FILE keeps them, each with its reason" if dead_letters is None else ""
        click.echo(f"{count} bad line{'s' * (count != 1)}{advice}", err=True)


def _reenact(
    alerts: tuple[str, ...],
    files: tuple[Path, ...],
    alerts_in: tuple[Path, ...],
    tenant: str | None,
    broker: str | None,
    topic_prefix: str | None,
) -> None:
    from sluicegate.cli.reenact_run import Asked, reenact

    gc.set_threshold(50_000, 20, 20)
    if not reenact(Asked(alerts, files, alerts_in, tenant, broker, topic_prefix)):
        raise click.exceptions.Exit(1)


def _feed(replay: "Replay", files: tuple[Path, ...], bar: Progressing) -> None:
    for path in files:
        try:
            replay.feed(path.name, lines_of(path, bar.advance))
        except ValueError as error:  # bad events are dead letters: this is the frame of an exported log
            raise FileError("read", path, f"it is no sound log export ({error})") from None
    replay.finish()


def _refusal(value: bytes, files: dict[str, Path]) -> str:
    """File and line, or the source record of an exported log; why it was refused, and where in the event."""
    from sluicegate.cli.alert_text import clean
    from sluicegate.wire.letters import decode_letter

    letter = decode_letter(value)
    assert letter is not None
    path = files.get(letter.topic)
    place = f"{path}:{letter.offset + 1}" if path is not None else letter.key.decode()
    where = f"{letter.detail.path} " if letter.detail.path else ""
    return clean(f"{place}: {letter.reason} {where}{letter.detail.message}")


def _place(fault: Exception) -> str:
    """Type and place of an exception: its text may show what an event holds."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {Path(last.filename).name}:{last.lineno}"
