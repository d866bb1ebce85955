"""A small sanctions list: the parties of the U.S. action of 27 August 2025 against a network of IT workers.

Names, countries and the wallet as the U.S. Treasury published them; Chinyong was named before, and the others work for
it. It has a name of its own, so that it replaces no real list that is loaded beside it.
"""

from __future__ import annotations

from typing import Any

from sluicegate.generate.days import instant_text
from sluicegate.generate.drafts import FEEDS, SANCTIONS

NAME, VERSION = "dprk-2025-08-27", "1"
WALLET, WALLET_OWNER = "1HmqvgSXUVES1jn4TQPzk9dxo1NE8wim2T", "dprk-andreyev"
PEOPLE = (("dprk-andreyev", "Vitaliy Sergeyevich Andreyev"), ("dprk-kim", "Kim Ung Sun"))
FIRMS = (
    ("dprk-chinyong", "Chinyong Information Technology Cooperation Company"),
    ("dprk-shenyang", "Shenyang Geumpungri Network Technology Co., Ltd"),
    ("dprk-sinjin", "Korea Sinjin Trading Corporation"),
)
PARTIAL = (
    "a few parties named on 27 August 2025 only, sent with the events: this is no sanctions screening. "
    "`sluicegate lists update` loads the public lists."
)
"""What is said wherever the generated events are screened."""
_COUNTRIES = {
    "dprk-andreyev": ["RU"],
    "dprk-kim": ["KP", "RU"],
    "dprk-chinyong": ["KP"],
    "dprk-shenyang": ["CN"],
    "dprk-sinjin": ["KP"],
}


def event(event_id: str, at: int) -> dict[str, Any]:
    """The list as one snapshot for all tenants."""
    entries = [_entry(entry, name, "person") for entry, name in PEOPLE]
    entries += [_entry(entry, name, "organisation") for entry, name in FIRMS]
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/feeds/{FEEDS[SANCTIONS][1]}",
        "type": SANCTIONS,
        "time": instant_text(at),
        "tenantid": "*",
        "data": {
            "list": NAME,
            "version": VERSION,
            "published_at": "2025-08-27T14:00:00Z",
            "mode": "snapshot",
            "add": entries,
        },
    }


def _entry(entry: str, name: str, kind: str) -> dict[str, Any]:
    found = {
        "entry_id": entry,
        "kind": kind,
        "names": [{"name": name, "quality": "primary"}],
        "countries": _COUNTRIES[entry],
    }
    found |= {"programs": ["DPRK2"]}
    return found | {"wallets": [WALLET]} if entry == WALLET_OWNER else found
