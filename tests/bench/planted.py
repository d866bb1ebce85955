"""Made-up parties for a sanctions list, and payees among generated events who bear their names."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.bench.harness import Row

PAYMENTS = 3
"""Of each payee that bears a new entry's name."""

Entry = dict[str, Any]


class Names:
    """Names of three tokens; no token comes twice."""

    def __init__(self, seed: int) -> None:
        self._rng, self._used = Random(f"{seed}/names"), set[str]()

    def token(self) -> str:
        while True:
            syllables = (self._rng.choice("bdfgjklmnprstvz") + self._rng.choice("aeiou") for _ in range(4))
            found = "".join(syllables).capitalize() + self._rng.choice("lmnrs")
            if found not in self._used:
                self._used.add(found)
                return found

    def of(self, kind: str) -> str:
        last = self.token() if kind == "person" else "Trading"
        return f"{self.token()} {self.token()} {last}"


def new_entries(names: Names, count: int) -> list[Entry]:
    """Persons and organisations in turn."""
    kinds = [("person", "organisation")[number % 2] for number in range(count)]
    return [
        {"entry_id": f"new-{number}", "kind": kind, "names": [{"name": names.of(kind), "quality": "primary"}]}
        for number, kind in enumerate(kinds)
    ]


class Planted:
    """Known payees among the history: some who bear names of new entries, paid thrice, and many who do not, once."""

    def __init__(self, seed: int, history: Sequence[Row], news: list[Entry], known: int, names: Names) -> None:
        self._rng = Random(f"{seed}/planted")
        self._after: dict[int, list[Row]] = defaultdict(list)
        self.payments: dict[tuple[str, str], list[str]] = {}
        """Of payees who are to be found: (tenant, payee) -> payment ids."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(history):
            if row.topic.endswith("-payments"):
                places[row.key.decode()].append(place)
        tenants = sorted(places)
        for number, entry in enumerate(news):
            tenant, payee = tenants[number % len(tenants)], f"planted-{number}"
            chosen = sorted(self._rng.choices(places[tenant], k=PAYMENTS))
            ids = [f"{payee}-{nth}" for nth in range(PAYMENTS)]
            self.payments[tenant, payee] = ids
            for id, place in zip(ids, chosen, strict=True):
                self._pay(history[place], place, payee, id, entry["kind"], entry["names"][0]["name"])
        for number in range(known):
            tenant, payee = tenants[number % len(tenants)], f"known-{number}"
            place, kind = self._rng.choice(places[tenant]), ("person", "organisation")[number % 2]
            self._pay(history[place], place, payee, payee, kind, names.of(kind))
        self.rows = [one for place, row in enumerate(history) for one in (row, *self._after[place])]

    def _pay(self, beside: Row, place: int, payee: str, id: str, kind: str, name: str) -> None:
        tenant, topic = beside.key.decode(), "payroll-payments" if kind == "person" else "vendor-payments"
        event = {
            "specversion": "1.0",
            "id": id,
            "source": "/bench/planted",
            "type": topic.removesuffix("s").replace("-", ".") + ".v1",
            "time": json.loads(beside.value)["time"],
            "tenantid": tenant,
            "data": {
                "payment_id": id,
                "payee": {"payee_id": payee, "kind": "employee" if kind == "person" else "vendor", "name": name},
                "account": {"fp": f"fp-{payee}", "scheme": "iban", "country": "DE"},
                "amount": {"value": f"{self._rng.randrange(10_000, 900_000) / 100:.2f}", "currency": "EUR"},
                "schedule": {"rail": "sepa_ct"},
            },
        }
        self._after[place].append(Row(topic, beside.key, json.dumps(event).encode(), beside.timestamp))


def update(name: str, version: str, mode: str, add: list[Entry], size: int) -> list[bytes]:
    """A version of the list `name` in parts of `size` entries, published now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    chunks = [add[start : start + size] for start in range(0, len(add), size)]
    about = {"list": name, "version": version, "published_at": now, "mode": mode, "parts": len(chunks)}
    return [
        json.dumps(
            {
                "specversion": "1.0",
                "id": f"{name}-{version}-{part}",
                "source": "/lists/ofac",
                "type": "sanctions.update.v1",
                "time": now,
                "tenantid": "*",
                "data": about | {"part": part, "add": chunk},
            },
            ensure_ascii=False,
        ).encode()
        for part, chunk in enumerate(chunks, 1)
    ]
