"""Which payees of a tenant state the same phone or residence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate.detection.vendor_records import ContactRecord

if TYPE_CHECKING:
    from sluicegate.detection.records import Profile
    from sluicegate.detection.state import State

MAX_PAYEES = 64
"""Payees kept of one phone or residence: those that stated it last."""


def contacts_of(profile: Profile) -> set[str]:
    """The ids of the contact records that a payee belongs to."""
    found = set()
    if profile.phone_hash:
        found.add(f"phone\n{profile.phone_hash}")
    if profile.residence_hash:
        found.add(f"residence\n{profile.residence_hash}")
    return found


def note_contacts(state: State, payee: str, before: set[str], now: set[str]) -> None:
    """Carry over what changed about a payee's phone and residence."""
    if before == now:
        return
    for id in sorted(before - now):
        held = state.edit(ContactRecord, id)
        if held is not None and payee in held.payees:
            held.payees.remove(payee)
            if not held.payees:
                state.delete(ContactRecord, id)
    for id in sorted(now - before):
        held = state.edit(ContactRecord, id)
        if held is None:
            held = ContactRecord()
            state.put(id, held)
        held.payees = [*held.payees, payee][-MAX_PAYEES:]
