"""The audit trail: who did what, when. Rows are only ever added; triggers in the database refuse anything else."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from sluicegate.console.people import Person, scope
from sluicegate.console.tables import audit

__all__ = ["note", "read"]


def note(
    connection: Connection,
    now: int,
    who: Person | str,
    action: str,
    object: str,
    tenant: str | None = None,
    detail: Mapping[str, Any] = {},
) -> None:
    """Put a row on the trail, in the transaction of what it tells of. `who` is a name where nobody is signed in."""
    connection.execute(
        insert(audit).values(
            at=now,
            user_id=who.id if isinstance(who, Person) else None,
            user_name=(who.name if isinstance(who, Person) else who)[:120],
            tenant=tenant,
            action=action,
            object=object[:120],
            detail=json.dumps(detail, sort_keys=True),
        )
    )


def read(connection: Connection, person: Person, *, before: int | None, about: str, most: int) -> list[RowMapping]:
    """The newest rows, before a row's number where one is given; those about one object, where one is named."""
    query = select(audit).where((audit.c.tenant.is_(None)) | scope(person, audit.c.tenant))
    if before is not None:
        query = query.where(audit.c.id < before)
    if about:
        query = query.where(audit.c.object == about)
    return list(connection.execute(query.order_by(audit.c.id.desc()).limit(most)).mappings())
