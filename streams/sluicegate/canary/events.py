"""What the canary sends. All of it follows from the time, so that nothing has to be remembered.

**Why an alert follows each time.** Every payment goes to an account in North Korea (KP), which `sanctioned-country`
reports by its country code alone. That needs no list, no history and no model, so that it holds on any deployment; and
the circuit breaker spares the sanctions family, so that an alert for each and every payment does not silence the rule.
A policy of the canary's own tenant pins the country and turns the other rules off; were it lost, the rule's defaults
would do the same. The tenant opts into no counts across tenants: what it does is seen by no other.

**Why nothing grows.** Time is cut into slots, one payment event each. `PARTS` slots in a row are parts of one split
payment, to one of `PAYEES` payees in turn: the rule looks at each part as it comes, while detection keeps one payment.
The parts meet in one alert, each with a revision that names it. From its twentieth revision on an alert says only what
matters more, so after `PARTS` of them a verdict, `benign`, closes it, and the payee's next payment opens another. An
alert whose verdict was lost, or whose parts were, is met again by the payee's next payment, and closed then. Detection
forgets payments and closed alerts after 400 days: what is kept is that of a tenant with 96 payments a day.

**Time.** Event times are now, by this machine's clock: one more than a day ahead of the broker's has its payments
refused, which shows as lost ones. Two canaries on one deployment send equal events; the second ones are dropped as
repeated, and both see the alerts. So does one that starts anew, which begins with the next slot.
"""

import hashlib
from typing import Any, NamedTuple

import msgspec

from sluicegate.rules.registry import RULES
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.canonical import canonical
from sluicegate.wire.scalars import format_time

__all__ = ["PARTS", "PAYEES", "TOPIC", "Revision", "Slot", "payment", "policy", "revision", "slot_at", "verdict"]

SOURCE = "/sluicegate/canary"
TOPIC = "vendor-payments"
PARTS = 15
"""Revisions of one alert: under 20, with some to spare for verdicts that do not arrive at once."""
PAYEES = 64
_RULE, _COUNTRY = "sanctioned-country", "KP"


class Slot(NamedTuple):
    """One turn: its length in seconds, and its number since 1970."""

    every: float
    number: int

    @property
    def id(self) -> str:
        """Of its event. Slots of another length are other ones.

        >>> Slot(60.0, 29_691_420).id
        '60-29691420'
        """
        return f"{self.every:g}-{self.number}"

    @property
    def ref(self) -> str:
        """Its event as alerts name it."""
        return f"{SOURCE}#{self.id}"


def slot_at(now: float, every: float) -> Slot:
    """The slot of a moment, in seconds since 1970.

    >>> slot_at(1_781_485_259.9, 60.0)
    Slot(every=60.0, number=29691420)
    """
    return Slot(every, int(now // every))


def payment(slot: Slot) -> bytes:
    """The payment event of a slot."""
    group, part = divmod(slot.number, PARTS)
    payee = f"canary-{group % PAYEES}"
    data = {
        "payment_id": f"{slot.every:g}-{group}",
        "payee": {"payee_id": payee, "kind": "other"},
        "account": {"fp": payee, "scheme": "other_bank", "country": _COUNTRY},
        "amount": {"value": "1.00", "currency": "USD"},
        "schedule": {"rail": "other"},
        "split": {"index": part + 1, "count": PARTS},
    }
    return _event("vendor.payment.v1", slot.id, int(slot.number * slot.every * 1_000_000), data)


def policy(now: float) -> bytes:
    """The tenant's policy: the one rule, and no other. Equal ones have equal ids, and are taken once."""
    rules: dict[str, Any] = {slug: {"mode": "off"} for slug in RULES}
    rules[_RULE] = {"mode": "live", "params": {"countries": [_COUNTRY]}}
    data = {"rules": rules}
    id = f"policy-{hashlib.sha256(canonical(data)).hexdigest()[:32]}"
    return _event("policy.update.v1", id, int(now * 1_000_000), data)


class Revision(NamedTuple):
    """A revision of an alert of the canary's."""

    alert: str
    number: int
    closes: bool
    refs: frozenset[str]
    """Events it names."""


class _Reason(msgspec.Struct):
    event_ids: list[str]


class _Data(msgspec.Struct):
    alert_id: str
    revision: int
    activity: str
    reasons: list[_Reason]


class _Alert(msgspec.Struct):
    tenantid: str
    data: _Data


_decode = msgspec.json.Decoder(_Alert).decode


def revision(key: bytes | None, value: bytes | None) -> Revision | None:
    """What a record of `alerts` says to the canary; None for all that is not its own."""
    if key is None or value is None or not key.startswith(f"{CANARY_TENANT}|".encode()):
        return None
    try:
        alert = _decode(value)
    except msgspec.DecodeError:
        return None
    data = alert.data
    refs = frozenset(ref for reason in data.reasons for ref in reason.event_ids)
    return Revision(data.alert_id, data.revision, data.activity == "close", refs)


def verdict(seen: Revision, now: float) -> bytes | None:
    """The verdict that closes an alert of which there are enough revisions; of each alert the same one."""
    if seen.closes or seen.number < PARTS:
        return None
    at = int(now * 1_000_000)
    data = {"alert_id": seen.alert, "verdict": "benign", "by": CANARY_TENANT, "at": format_time(at)}
    return _event("disposition.v1", seen.alert, at, data)


def _event(kind: str, id: str, at: int, data: dict[str, Any]) -> bytes:
    return canonical(
        {
            "specversion": "1.0",
            "id": id,
            "source": SOURCE,
            "type": kind,
            "time": format_time(at),
            "tenantid": CANARY_TENANT,
            "data": data,
        }
    )
