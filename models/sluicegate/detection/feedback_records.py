"""State records of what verdicts teach: the model, and reported payments that wait for a verdict."""

from sluicegate.detection.records import Record
from sluicegate.signals.feedback import FeedbackState


class FeedbackRecord(Record):
    """What verdicts on one stream's payments have taught; id = stream."""

    KIND = "feedback"
    HOT = True
    version: str
    """Of the signals and the model; what another one learned is not used."""
    state: FeedbackState


class ReportedRecord(Record):
    """The signals of a payment as they stood when `unusual-payment` reported it; id = reference of its event."""

    KIND = "reported"
    due: int | None
    """When nobody waits for a verdict any more."""
    stream: str
    version: str
    combined: float
    advised: float
    """With the evidence of the verdicts until then."""
    parts: dict[str, float]
    """Each signal's share of the score."""
