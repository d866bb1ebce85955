"""Alerts for the notifier's tests."""

import copy
from typing import Any

import msgspec

from sluicegate.notify.revisions import Revision, decode
from sluicegate.notify.sample import sample

__all__ = ["alert", "revision"]


def alert(number: int, revision: int = 1, payee: str = "", **data: Any) -> dict[str, Any]:
    """A revision of the alert of this number, about a payee of its own where none is given."""
    event = copy.deepcopy(sample(1_780_000_000_000_000))
    id = f"al_{number:032x}"
    event |= {"id": f"{id}-{revision}", "subject": id, "tenantid": "acme"}
    own = {"alert_id": id, "revision": revision, "tenant_id": "acme", "severity": "high"}
    own["subject"] = {"kind": "payee", "id": payee or f"W{number}", "display": "Ann Carter"}
    event["data"] |= own | data
    return event


def revision(number: int, revision: int = 1, payee: str = "", **data: Any) -> Revision:
    found = decode(msgspec.json.encode(alert(number, revision, payee, **data)))
    assert found is not None
    return found
