"""What a scheme is. Each one is a file under `schemes/` with a constant `SCHEME`; a new file is found by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sluicegate.generate.drafts import Case

if TYPE_CHECKING:
    from sluicegate.generate.tenants import Tenant

T = TypeVar("T")
TRIES = 12  # random victims looked at before a scheme gives up for the day


@dataclass(frozen=True)
class Scheme:
    """A scheme and the rule that should find it.

    play(scheme, tenant, due): plans its events from the instant `due` on, and says what should be found; None, with
    nothing planned, when the tenant has nobody to play it on.
    at_once: the event that should be found is planned for `due` or minutes later.
    """

    name: str
    rule: str
    family: str
    play: Callable[[Scheme, Tenant, int], Case | None]
    at_once: bool = True

    def case(self, tenant: Tenant, subject_kind: str, subject_id: str, list_entry: str | None = None) -> Case:
        """A new case of this scheme about a subject."""
        return Case(self.name, self.rule, self.family, tenant.id, subject_kind, subject_id, list_entry)


def victim(tenant: Tenant, among: Sequence[T], suits: Callable[[T], bool]) -> T | None:
    """A random one that suits, None when a dozen tries found none."""
    for _ in range(TRIES if among else 0):
        one = among[int(tenant.rng.random() * len(among))]
        if suits(one):
            return one
    return None
