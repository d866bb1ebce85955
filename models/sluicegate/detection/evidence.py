"""What an alert's record holds of its findings: reasons, sums, and lists that are cut where they grow too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sluicegate.detection.alert_records import AlertRecord, MoneyRow, ReasonRow
from sluicegate.detection.amounts import add
from sluicegate.detection.codec import encode
from sluicegate.wire.canonical import canonical

if TYPE_CHECKING:
    from sluicegate.rules.base import Finding, Rule

FIRST_KEPT, MOST_KEPT = 20, 200
MAX_TITLE = 300
MAX_BYTES = 60_000
"""Of an encoded alert record; below the 64 KiB that no record may exceed."""


def new_reason(rule: Rule, finding: Finding, cause: str) -> ReasonRow:
    """The first telling of a reason."""
    reason = ReasonRow(rule.slug, rule.version, cause, 0, "", b"", b"", list(rule.sources), "", "", "")
    retell(reason, finding)
    return reason


def retell(reason: ReasonRow, finding: Finding) -> None:
    """A later finding of the same cause takes the reason over."""
    reason.score, reason.text, reason.title = finding.score, finding.text, finding.title[:MAX_TITLE]
    reason.observed, reason.expected = canonical(finding.observed), canonical(finding.expected)
    reason.action, reason.counterfactual = finding.action, finding.counterfactual


def count(record: AlertRecord, currency: str, value: str, one_more: bool) -> None:
    """Add to the alert's sum in one currency."""
    held = record.money.get(currency)
    if held is None:
        record.money[currency] = MoneyRow(value, 1)
    else:
        held.value, held.count = add(held.value, value), held.count + one_more


def trim(kept: list[Any], most: int = MOST_KEPT) -> int:
    """Cut out of the middle, so that the first 20 and the newest stay; how many went."""
    excess = len(kept) - most
    if excess <= 0:
        return 0
    del kept[FIRST_KEPT : FIRST_KEPT + excess]
    return excess


def fit(record: AlertRecord) -> None:
    """Cut further where long ids would make the record too large."""
    most = MOST_KEPT
    while most > 2 * FIRST_KEPT and len(encode(record)) > MAX_BYTES:
        most //= 2
        record.entities_left_out += trim(record.entities, most)
        record.payments_left_out += trim(record.payments, most)
        for reason in record.reasons:
            reason.events_left_out += trim(reason.events, most)
