"""Events that raise an alert for certain, each an alert of its own: payments whose text names a listed wallet.

>>> value, alert = probe("acme", "x", 1, 1_781_161_200_000_000)
>>> alert
'al_80337974fa5bd45784c599279ce5b643'
"""

import msgspec

from sluicegate.generate.days import instant_text
from sluicegate.generate.drafts import VENDOR, Case, alert_id
from sluicegate.generate.listed import WALLET

__all__ = ["probe"]

_SOURCE = "/stress/probes"


def probe(tenant: str, tag: str, number: int, at: int) -> tuple[bytes, str]:
    """A vendor payment at the instant `at` (µs) to a payee never seen before, and the id of the alert it opens."""
    payee = f"probe-{tag}-{number}"
    event = {
        "specversion": "1.0",
        "id": f"{tag}-{number}",
        "source": _SOURCE,
        "type": VENDOR,
        "time": instant_text(at),
        "tenantid": tenant,
        "data": {
            "payment_id": payee,
            "payee": {"payee_id": payee, "kind": "vendor", "country": "US"},
            "account": {"fp": f"fp_{payee}", "scheme": "us_aba", "country": "US"},
            "amount": {"value": "100.00", "currency": "USD"},
            "schedule": {"rail": "ach"},
            "purpose": {"remittance": f"to {WALLET}"},
        },
    }
    case = Case("", "sanctioned-identifier", "sanctions", tenant, "payee", payee)
    return msgspec.json.encode(event), alert_id(case, _SOURCE, event["id"])  # type: ignore[arg-type]
