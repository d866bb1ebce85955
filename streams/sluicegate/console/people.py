"""Who uses the console: roles, and the tenants that a person may see."""

from typing import Literal, get_args

import msgspec
from sqlalchemy import ColumnElement, true

__all__ = ["ROLES", "Person", "Role", "scope"]

Role = Literal["viewer", "analyst", "supervisor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERY_TENANT = "*"


class Person(msgspec.Struct, frozen=True):
    """Somebody who is signed in, or a program with an API token of theirs."""

    id: int
    name: str
    role: Role
    tenants: tuple[str, ...]

    def may(self, role: Role) -> bool:
        """Whether this person may do what `role` may: each role may do all that those before it may.

        >>> ann = Person(1, "ann", "analyst", ("acme",))
        >>> ann.may("viewer"), ann.may("supervisor"), ann.sees("acme"), ann.sees("other")
        (True, False, True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)

    def sees(self, tenant: str) -> bool:
        return EVERY_TENANT in self.tenants or tenant in self.tenants


def scope(person: Person, tenant: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that every query on behalf of a person carries."""
    return true() if EVERY_TENANT in person.tenants else tenant.in_(person.tenants)
