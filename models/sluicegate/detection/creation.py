"""How a payee came into the master file, and whether what an event says was verified independently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate.detection.records import Creation

if TYPE_CHECKING:
    from sluicegate.wire.blocks import Verification
    from sluicegate.wire.events import PayeeChange

VERIFYING = frozenset(("callback", "micro_deposit", "vop", "bank_confirmation"))


def verified(verification: Verification | None, user: str | None) -> bool:
    """Whether somebody other than the acting user confirmed it, by a method that can confirm it."""
    return bool(
        verification
        and verification.status == "passed"
        and verification.method in VERIFYING
        and verification.by
        and verification.by != user
    )


def creation(data: PayeeChange) -> Creation | None:
    """Who created the payee and whether that was verified; None for an import of an existing master file."""
    if data.bootstrap:
        return None
    user = data.actor.user_id if data.actor is not None else None
    return Creation(user, verified(data.verification, user))
