"""What an analyst says of an alert: a verdict, and what is not to be reported any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate.detection.alert_records import AlertRecord, AllowEntry, AllowRecord
from sluicegate.detection.anomaly import MODEL
from sluicegate.detection.lists import entry_digest
from sluicegate.detection.records import AccountUse, PayeeRecord
from sluicegate.detection.teaching import learn, tell
from sluicegate.detection.view import CLEARING
from sluicegate.screening.wallets import wallet_id

if TYPE_CHECKING:
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.lists import Screen
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.wire.decode import Event
    from sluicegate.wire.events import Allow, Disposition

MAX_ALLOWS = 50


def take_verdict(state: State, event: Event, data: Disposition, policy: Policy, merger: Merger) -> None:
    """Note the verdict on its alert, if that is known: learn from it, and close the alert where it clears it."""
    record = state.edit(AlertRecord, data.alert_id)
    if record is None:
        return
    cleared = data.verdict in CLEARING
    if cleared != (record.verdict in CLEARING):
        _mark_cleared(state, record, cleared)
    record.verdict = data.verdict
    if cleared:
        merger.close(data.alert_id, data.verdict)
    mode = policy.mode(MODEL)
    lesson = learn(state, record, data.verdict) if mode != "off" else None
    if lesson is not None:
        tell(lesson, state.tenant, f"{event.source}\n{event.id}", event.time, mode, merger)


def _mark_cleared(state: State, record: AlertRecord, cleared: bool) -> None:
    """After a verdict: the accounts whose change the alert was about are trusted, or not any more."""
    for reason in record.reasons:
        if reason.rule == "changed-account" and record.subject_kind == "payee":
            payee = state.edit(PayeeRecord, record.subject_id)
            fp = reason.cause.removeprefix(f"account:{record.subject_id}\n")
            use: AccountUse | None = payee.account(fp) if payee is not None else None
            if use is not None:
                use.cleared = cleared


def allow(state: State, event: Event, allowed: Allow, screen: Screen) -> None:
    """From the event's time on, findings of the rule about the pivot become signals, until the allowance expires."""
    entries = [one.entry(allowed.list_entry) for one in screen.lists if allowed.list_entry is not None]
    address, _, tag = allowed.pivot.value.partition("#")
    value = wallet_id(address, tag) if allowed.pivot.kind == "wallet" else allowed.pivot.value
    key = f"{allowed.rule}\n{allowed.pivot.kind}\n{value}"
    held = state.edit(AllowRecord, key)
    if held is None:
        held = AllowRecord()
        state.put(key, held)
    entry = AllowEntry(
        allowed.pivot.kind,
        value,
        event.time,
        int(allowed.expires),
        f"{event.source}\n{event.id}",
        allowed.list_entry,
        [entry_digest(entry) for entry in entries if entry is not None],
    )
    held.entries = [*held.entries, entry][-MAX_ALLOWS:]
