"""What verdicts say of a payment: the evidence that analysts' word on earlier ones adds to its surprise.

The shifted surprise is calibrated on the stream like the plain one. So the score stays -ln p of something counted:
threshold, caps and `medium_p` mean the same with verdicts as without, and the tracker, which follows the score that
payments are ranked by, has nothing to catch up with when the gate opens or closes: other payments are reported then,
not more or fewer. The calibration runs from the first verdict on, so that it is there when the gate opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.detection.calendar import DAY
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.signals import feedback, registry
from sluicegate.signals.feedback import SCORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sluicegate.detection.state import State

ADVISED = "advised"
"""The calibration of surprises with the verdicts' evidence, by this name beside those of the signals."""
MODEL = "unusual-payment-verdicts"
VERSION = f"{registry.VERSION}/{feedback.VERSION}"
ORDINARY = 0.1
"""p-value from which verdicts say nothing of a payment: they are about the most unusual ones, for only those are
reported."""
WAITS = 180 * DAY
"""How long a reported payment waits for a verdict; no longer than one without may be held back."""


class Advice(msgspec.Struct, frozen=True):
    """The verdicts' word on one payment."""

    combined: float
    """Its combined surprise with their evidence, in nats."""
    in_use: bool
    verdicts: int
    confirmed: int
    shares: dict[str, float]
    """Evidence by signal, before it is bounded; nothing for an ordinary payment."""

    @property
    def main(self) -> str:
        """The signal whose evidence is most against the payment; empty where there is none."""
        name = min(sorted(self.shares), key=lambda name: self.shares[name], default="")
        return name if sum(self.shares.values()) < 0 else ""


def advise(state: State, stream: str, combined: float, parts: Mapping[str, float], p: float) -> Advice | None:
    """Weigh a payment by what verdicts taught; None before the first one.

    `parts` is each signal's share of the combined surprise, `p` how rare that is on the stream. Cost: a look-up; 10 us
    for one payment in ten.
    """
    record = state.get(FeedbackRecord, stream)
    if record is None or record.version != VERSION:
        return None
    known = record.state
    x = vector(stream, combined, parts) if p < ORDINARY else {}
    return Advice(
        combined=known.advised(x) if x else combined,
        in_use=known.in_use,
        verdicts=known.verdicts,
        confirmed=known.confirmed_count,
        shares=known.shares(x) if known.in_use else {},
    )


def vector(stream: str, combined: float, parts: Mapping[str, float]) -> dict[str, float]:
    """What verdicts are learned on: each signal's share of the score, also of those that saw nothing.

    Shares, because verdicts can say which kinds of surprise are worth a look; how large it is, the score says already,
    and what large ones taught would be carried over wrongly to the small.
    """
    return {SCORE: combined} | {kind.NAME: parts.get(kind.NAME, 0.0) for kind in registry.ON[stream]}


def told(advice: Advice | None, plain: float, score: float) -> tuple[str, dict[str, Any], dict[str, str]]:
    """What verdicts added to a score, for its alert: words, what was observed, the model; nothing while in shadow.

    >>> advice = Advice(combined=7.0, in_use=True, verdicts=84, confirmed=31, shares={"repeat": -2.5, "burst": 0.5})
    >>> told(advice, 8.94, 7.1)[0]
    ' Verdicts on 84 payments (31 confirmed) lower the score from 8.9 to 7.1, most of all because of repeat.'
    >>> told(advice, 7.1, 7.4)[0]
    ' Verdicts on 84 payments (31 confirmed) lift the score from 7.1 to 7.4, for they lower that of others.'
    """
    if advice is None or not advice.in_use:
        return "", {}, {}
    lower = score < plain
    why = f"most of all because of {advice.main}" if advice.main else "for they lift that of others"
    words = (
        f" Verdicts on {advice.verdicts:,} payments ({advice.confirmed:,} confirmed) {'lower' if lower else 'lift'} the"
        f" score from {plain:.1f} to {score:.1f}, {why if lower else 'for they lower that of others'}."
    )
    seen = {
        "score_without_verdicts": round(plain, 3),
        "verdicts": advice.verdicts,
        "verdicts_confirmed": advice.confirmed,
    }
    return words, seen, {MODEL: feedback.VERSION}


def remember(
    state: State,
    ref: str,
    clock: int,
    stream: str,
    combined: float,
    parts: Mapping[str, float],
    advice: Advice | None,
) -> None:
    """Keep the signals of a payment that was reported, by its event, until there is a verdict on it."""
    advised = combined if advice is None else advice.combined
    due = clock + WAITS
    state.put(ref, ReportedRecord(due, stream, VERSION, combined, advised, dict(parts)))
    state.schedule(ReportedRecord.KIND, ref, due)
