"""How many bytes of requests are worked on at once: bounded in all, and for each tenant, so none starves another."""

from __future__ import annotations

from typing import Literal

__all__ = ["Budget"]


class Budget:
    """Counts bytes in and out.

    >>> budget = Budget(in_all=100, each=60)
    >>> budget.take("acme", 50), budget.take("acme", 11), budget.take("beta", 60)
    ('', 'busy_tenant', 'busy')
    >>> budget.give("acme", 50); budget.take("beta", 60), budget.held
    ('', 60)
    """

    def __init__(self, in_all: int, each: int) -> None:
        self._in_all = in_all
        self._each = each
        self._tenants: dict[str, int] = {}
        self.held = 0
        """Bytes."""

    def take(self, tenant: str, count: int) -> Literal["", "busy", "busy_tenant"]:
        """Count them in; else the reason why not, and nothing is counted."""
        own = self._tenants.get(tenant, 0) + count
        if own > self._each:
            return "busy_tenant"
        if self.held + count > self._in_all:
            return "busy"
        self._tenants[tenant] = own
        self.held += count
        return ""

    def give(self, tenant: str, count: int) -> None:
        """Count them out."""
        self.held -= count
        rest = self._tenants.get(tenant, 0) - count
        if rest > 0:
            self._tenants[tenant] = rest
        else:
            self._tenants.pop(tenant, None)
