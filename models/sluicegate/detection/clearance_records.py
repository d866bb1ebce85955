"""State records of clearance: what was decided about payments of runs, and which of them an alert names."""

from sluicegate.detection.records import Record

MOST_MEMBERS = 100
"""Payments in one record of an alert: with the longest ids still far from 64 KiB."""


class DecisionRecord(Record):
    """The last decision about a payment; id = run and payment, by a line feed."""

    KIND = "decision"
    due: int | None
    """When it is forgotten."""
    payee: str
    ref: str
    """Of the payment's event."""
    value: str
    currency: str
    stream: str
    """Type of the payment's event."""
    revision: int = 0
    decision: str = ""
    score: int = 0
    alerts: list[str] = []
    """Open alerts that name the payment, sorted."""
    later: list[str] = []
    """Rules that had not had their last word."""


class AlertedRecord(Record):
    """What payments of runs an alert holds back, and how it stood when they were decided; id = alert."""

    KIND = "alerted"
    due: int | None
    score: int = 0
    holds: bool = False
    """It recommends to hold the money."""
    members: int = 0


class AlertedPayments(Record):
    """Some of an alert's payments, as ids of their decisions; id = alert and number, by a line feed."""

    KIND = "alertedpay"
    due: int | None
    decisions: list[str] = []


CLEARANCE_RECORDS = (DecisionRecord, AlertedRecord, AlertedPayments)
