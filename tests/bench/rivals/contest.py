"""A labelled stream: our detector and the others on it, tuned on the first half of the scored time, judged on both."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from sluicegate.signals.feedback import SCORE, Feedback
from tests.bench.harness import table
from tests.bench.rivals import own
from tests.bench.rivals.metrics import average_precision
from tests.bench.rivals.rows import HEAD, SHARE, figures, rivals
from tests.bench.rivals.streams import Floats, Stream, policy

DELAY = 7.0
"""Days until a verdict."""
SHARES = (SHARE, 0.005)
"""Of payments that are reported and so get a verdict."""
AIMS = {"vendor": 0.19, "payroll": 0.71}


def contest(stream: Stream, wanted: Sequence[str] | None, seed: int, *, quick: bool) -> dict[str, Floats]:
    """Print the table of a stream; gives the scores of our rows by name."""
    count, anomalies = int((stream.first | stream.second).sum()), int(stream.labels[stream.first | stream.second].sum())
    budget = f"{SHARE:.1%} of payments" if stream.name == "vendor" else f"{SHARE:.1%} of each pay run, at least one"
    print(f"\n## {stream.name}: {len(stream.lines):,} payments of {len(set(stream.payees)):,} payees,")
    print(f"{count:,} scored, {anomalies} of them anomalies; precision at the budget: {budget}")
    runs = {name: own.replay(lines) for name, lines in _ways(stream).items()}
    costs = _costs(stream, runs[_WITH_LIMITS])
    rows, ours = [], {}
    for name, run in runs.items():
        ours[name] = own.in_order(run, stream.ids)
        rows.append([name, *figures(stream, ours[name]), *costs])
    main = next(iter(runs))
    vectors, names = own.matrix(runs[main], stream.ids)
    standings = []
    for share in SHARES:
        taught, feedback = with_feedback(stream, vectors, names, ours[main], share)
        label = f"sluicegate, late verdicts on {share:.1%}"
        rows.append([label, *figures(stream, taught), "", ""])
        standings.append(f"{label}: feedback {feedback.standing()}")
    rows += rivals(stream, vectors, names, wanted, seed, quick=quick)
    table(rows, HEAD)
    print("\n".join(standings))
    _by_kind(stream, ours[main])
    _as_alerted(stream, runs[main])
    second = average_precision(stream.labels[stream.second], ours[main][stream.second])
    verdict = "met" if second >= AIMS[stream.name] else "not met"
    print(f"aim, AP of the second half at least {AIMS[stream.name]}: {second:.3f}, {verdict}")
    return ours


_WITH_LIMITS = "sluicegate, limits in the policy"


def _ways(stream: Stream) -> dict[str, list[bytes]]:
    """The stream as it is, and with the tenant's approval limits in its policy."""
    return {"sluicegate": stream.lines, _WITH_LIMITS: [policy(stream, {}, limits=True), *stream.lines]}


def _costs(stream: Stream, run: own.Run) -> list[str]:
    """What the detector adds to a replay with its rule off: processor time, and state that is not alerts."""
    lines = [policy(stream, own.OFF, limits=True), *stream.lines]
    off = own.replay(lines)
    faster = min(off.cpu, own.replay(lines).cpu)  # the lesser of two: other work on the machine only adds
    with_rule = min(run.cpu, own.replay([policy(stream, {}, limits=True), *stream.lines]).cpu)
    size = sum(size - off.sizes.get(kind, 0) for kind, size in run.sizes.items() if not kind.startswith("alert"))
    return [f"{(with_rule - faster) / len(lines) * 1e6:.1f}", f"{size / max(run.payees, 1):,.0f}"]


def with_feedback(
    stream: Stream, vectors: Floats, names: list[str], scores: Floats, share: float
) -> tuple[Floats, Feedback]:
    """Ranks after verdicts: each payment that the budget reports is judged, by its label, seven days later.

    What is reported follows the ranks: a payment within the highest `share` of the latest ranks, tracked online.
    """
    model = Feedback()
    ranks = np.zeros(len(scores))
    waiting: list[tuple[float, dict[str, float], bool, float]] = []
    due, threshold = 0, float(np.quantile(scores[:500], 1 - share))
    scored = stream.first | stream.second
    for place, (row, score) in enumerate(zip(vectors.tolist(), scores.tolist(), strict=True)):
        now = stream.days[place]
        while due < len(waiting) and waiting[due][0] <= now:
            _, past, label, advised = waiting[due]
            model.learn_one(past, label, advised)
            due += 1
        x = dict(zip(names, row, strict=True)) | {SCORE: score}
        ranks[place] = rank = model.rank_one(x)
        over = rank > threshold
        if scored[place] and over:
            waiting.append((now + DELAY, x, bool(stream.labels[place]), model.advised(x)))
        threshold = max(0.0, threshold + 0.5 * (over - share))
    return ranks, model


def _by_kind(stream: Stream, scores: Floats) -> None:
    """Recall by kind of anomaly; and what remains without those on days when nothing else was paid.

    Anomalies were placed on any day, real payments were made on the tenant's pay days: a signal of odd days finds the
    former by how the stream was made.
    """
    half = np.flatnonzero(stream.second)
    top = set(half[np.argsort(-scores[half], kind="stable")[: len(half) // 100]].tolist())
    rows = []
    for kind in sorted(set(stream.kinds[half].tolist()) - {0}):
        places = [place for place in half.tolist() if stream.kinds[place] == kind]
        rows.append([f"{kind}", len(places), f"{sum(place in top for place in places) / len(places):.2f}"])
    table(rows, ["kind of anomaly, second half", "number", "recall in the highest 1 %"])
    usual = {
        day for day, label in zip(stream.days.astype(int).tolist(), stream.labels.tolist(), strict=True) if not label
    }
    kept = np.array([place for place in half if int(stream.days[place]) in usual])
    left_out = len(half) - len(kept)
    figure = average_precision(stream.labels[kept], scores[kept])
    print(f"AP of the second half without the {left_out} anomalies on days when nothing else was paid: {figure:.3f}")


def _as_alerted(stream: Stream, run: own.Run) -> None:
    """What the rule really reported, with its tracker and its budget."""
    found = own.reported(run)
    rows = []
    for name, half in (("first half", stream.first), ("second half", stream.second)):
        hits = [stream.labels[place] for place in np.flatnonzero(half) if stream.ids[place] in found]
        rows.append(_row(name, hits, int(stream.labels[half].sum()), int(half.sum())))
    table(rows, ["payments reported by unusual-payment", "reported", "share", "anomalies", "precision", "recall"])


def _row(name: str, hits: Iterable[bool], anomalies: int, payments: int) -> list[str]:
    hits = list(hits)
    true = sum(hits)
    share, precision, recall = (a / b if b else math.nan for a, b in
                                ((len(hits), payments), (true, len(hits)), (true, anomalies)))  # fmt: skip
    return [name, f"{len(hits)}", f"{share:.2%}", f"{true}", f"{precision:.3f}", f"{recall:.3f}"]
