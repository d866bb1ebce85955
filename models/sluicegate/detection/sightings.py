"""What a tenant that opted in to counts across tenants shows of itself; `answers.py` says what it is told.

A sighting is of a hashed account or tax id that wages went to, or of a self-hosted wallet that a payee uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sluicegate.detection.amounts import EXACT
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.canonical import canonical
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest
from sluicegate.wire.scalars import Instant, dec_hook, format_time

if TYPE_CHECKING:
    from sluicegate.detection.records import PaymentRow
    from sluicegate.detection.view import View
    from sluicegate.wire.blocks import Destination

MANY_EMPLOYERS = "many-employers"
SHARED_WALLET = "shared-wallet"
SOURCE = "/sluicegate/detect"


class Sighting(msgspec.Struct, frozen=True):
    """`sighting.v1`: a tenant's event `source`#`id` at a pivot: `account:`, `tax_id:` or `wallet:`, and its hash or id.

    `time` is in µs, `amount` the regular part of wages in the tenant's base currency, `days` the tenant's window.
    """

    rule: str
    pivot: str
    tenant: str
    source: str
    id: str
    time: Instant
    kind: str
    amount: str | None
    days: int


def regular_in_base(view: View, row: PaymentRow) -> Decimal | None:
    """The regular part of a payment in the tenant's base currency; None where either is not known."""
    if row.regular is None or row.base is None:
        return None
    if row.currency == view.policy.base_currency or not Decimal(row.value):
        return Decimal(row.regular)
    return EXACT.divide(EXACT.multiply(Decimal(row.regular), Decimal(row.base)), Decimal(row.value))


def concerned(view: View, row: PaymentRow) -> bool:
    """Whether the payment is of those that `many-employers` counts, but for its amount."""
    return (
        view.policy.cross_tenant_counts
        and row.slip is not None
        and row.slip.run_type is None
        and row.regular is not None
        and not any(fp in view.policy.trusted for fp in row.fps)
    )


def wages_shown(view: View, payee: str, row: PaymentRow) -> Iterator[Sighting]:
    """What the tenant shows of a payment: its accounts, and the payee's tax id."""
    if not concerned(view, row) or view.policy.mode(MANY_EMPLOYERS) == "off":
        return
    amount = regular_in_base(view, row)
    if amount is None or amount < Decimal(view.policy.param(MANY_EMPLOYERS, "min_amount")):
        return
    profile = view.known(payee).profile
    pivots = [f"account:{fp}" for fp in row.fps]
    if profile.tax_id_hash:
        pivots.append(f"tax_id:{profile.tax_id_hash}")
    for pivot in pivots:
        yield _sighting(view, MANY_EMPLOYERS, pivot, row.ref, row.time, profile.kind, format(amount, "f"))


def self_hosted(data: object) -> Destination | None:
    """The wallet that a payee asks for, is paid to or has registered, unless it is custodial."""
    to: Destination | None = None
    if isinstance(data, PayoutRequest):
        to = data.destination if data.method == "crypto" else None
    elif isinstance(data, Payment):
        to = data.account.wallet
    elif isinstance(data, PayeeChange) and data.new_account is not None and data.change in ("created", "account"):
        to = data.new_account.wallet
    return to if to is not None and to.address and to.hosted != "custodial" else None


def wallet_shown(view: View) -> Iterator[Sighting]:
    """What the tenant shows of an event: the self-hosted wallet in it."""
    data = view.event.data
    to = self_hosted(data)
    if to is None or not view.policy.cross_tenant_counts or view.policy.mode(SHARED_WALLET) == "off":
        return
    assert isinstance(data, PayoutRequest | Payment | PayeeChange)
    assert to.address is not None
    pivot = f"wallet:{wallet_id(to.address, to.tag)}"
    yield _sighting(view, SHARED_WALLET, pivot, view.ref, view.time, data.payee.kind, None)


def _sighting(view: View, rule: str, pivot: str, ref: str, time: int, kind: str, amount: str | None) -> Sighting:
    source, _, id = ref.partition("\n")
    days: int = view.policy.param(rule, "window_days")
    return Sighting(rule, pivot, view.state.tenant, source, id, Instant(time), kind, amount, days)


def encode_sighting(sighting: Sighting) -> bytes:
    """The `sighting.v1` event."""
    parts = (sighting.rule, sighting.pivot, sighting.tenant, sighting.source, sighting.id)
    return internal_event("sighting.v1", parts, SOURCE, sighting.time, sighting.tenant, sighting)


def decode_sighting(value: bytes | None) -> Sighting | None:
    """The sighting of a `sighting.v1` event; None where the bytes are no such event."""
    try:
        return _DECODER.decode(value or b"").data
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class _SightingEvent(msgspec.Struct):
    type: Literal["sighting.v1"]
    data: Sighting


_DECODER = msgspec.json.Decoder(_SightingEvent, dec_hook=dec_hook)


def internal_event(type_: str, parts: Sequence[str], source: str, time: int, tenant: str, data: Any) -> bytes:
    """An event of our own; its id is made of `parts`, so that what is written again is known again."""
    text = "".join(f"{len(part)} {part}" for part in parts)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return canonical(
        {
            "specversion": "1.0",
            "id": f"{type_.split('.')[-2]}-{digest}",
            "source": source,
            "type": type_,
            "time": format_time(time),
            "tenantid": tenant,
            "data": data,
        }
    )
