"""Which payees of a tenant state the same phone or residence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate.detection.vendor_records import ContactRecord

if TYPE_CHECKING:
    from sluicegate.detection.records import Profile
    from sluicegate.detection.state import State

MAX_PAYEES = 64
"""Payees kept of one phone or residence: those that stated it last."""


def contacts_of(profile: Profile) -> list[str]:
    """The ids of the contact records that a payee belongs to, sorted."""
    found = []
    if profile.phone_hash:
        found.append(f"phone\n{profile.phone_hash}")
    if profile.residence_hash:
        found.append(f"residence\n{profile.residence_hash}")
    return found


def note_contacts(state: State, payee: str, before: list[str], now: list[str]) -> None:
    """Carry over what changed about a payee's phone and residence."""
    if before == now:
        return
    for id in before:
        if id in now:
            continue
        held = state.edit(ContactRecord, id)
        if held is not None and payee in held.payees:
            held.payees.remove(payee)
            if not held.payees:
                state.delete(ContactRecord, id)
    for id in now:
        if id in before:
            continue
        held = state.edit(ContactRecord, id)
        if held is None:
            held = ContactRecord()
            state.put(id, held)
        held.payees = [*held.payees, payee][-MAX_PAYEES:]
