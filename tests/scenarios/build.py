"""Scenarios in a few words: events of a tenant with sensible defaults, and what detection makes of them.

Times are microseconds after `START`, a Monday at 09:00 UTC, so that a boundary is written `90 * DAY` and the moment
after it `90 * DAY + 1`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.partition import Output
from sluicegate.replay import Replay
from sluicegate.wire.scalars import format_time, parse_time

__all__ = ["DAY", "HOUR", "START", "Json", "Played", "Reason", "Tale", "account", "entry", "payee", "play", "wallet"]

Json = dict[str, Any]

START = parse_time("2026-01-05T09:00:00Z") or 0
SETTLES = 72 * HOUR
KINDS = {"E": "employee", "C": "contractor", "V": "vendor", "O": "other"}
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def payee(id: str, **more: Any) -> Json:
    """A payee block; the first letter of the id says the kind: employee, contractor, vendor, other."""
    return {"payee_id": id, "kind": KINDS[id[0]], "country": "US", **more}


def account(name: str, **more: Any) -> Json:
    """A bank account in the US; two of the same name are the same account."""
    return {"fp": f"fp-{name}", "scheme": "us_aba", "country": "US", **more}


def wallet(address: str = ADDRESS, **more: Any) -> Json:
    """A self-hosted wallet as destination."""
    return {"address": address, "network": "eip155:1", "asset": "USDT", "hosted": "self", **more}


def entry(id: str, name: str, kind: str = "person", **more: Any) -> Json:
    """An entry of a sanctions list."""
    return {"entry_id": id, "kind": kind, "names": [{"name": name}], **more}


class Tale:
    """Events of one tenant, in order of arrival. Every method adds one event and gives it back."""

    def __init__(self, tenant: str = "acme") -> None:
        self.tenant = tenant
        self.events: list[Json] = []
        self._number = 0

    def add(self, kind: str, at: int, data: Json, **envelope: Any) -> Json:
        """Any event; ids count up, and `at` is µs after `START`."""
        event = {
            "specversion": "1.0",
            "id": f"e{self._number:05d}",
            "source": f"/feeds/{self.tenant}",
            "type": kind,
            "time": format_time(START + at),
            "tenantid": self.tenant,
            "data": data,
            **envelope,
        }
        self.events.append(event)
        self._number += 1
        return event

    def pay(
        self,
        who: str | Json,
        to: str | Json = "",
        amount: str = "1000.00",
        at: int = 0,
        *,
        currency: str = "USD",
        rail: str = "ach",
        run: str | None = None,
        invoice: str | Json | None = None,
        **more: Any,
    ) -> Json:
        """A payment: vendors by vendor.payment, others by payroll.payment; to the payee's own account by default."""
        person = payee(who) if isinstance(who, str) else who
        schedule = {"rail": rail} if run is None else {"rail": rail, "run_id": run}
        data: Json = {
            "payment_id": f"P{self._number:05d}",
            "payee": person,
            "account": _account(to or person["payee_id"]),
            "amount": {"value": amount, "currency": currency},
            "schedule": schedule | more.pop("schedule", {}),
        }
        if invoice is not None:
            data["invoices"] = [{"number": invoice} if isinstance(invoice, str) else invoice]
        kind = "vendor" if person["kind"] == "vendor" else "payroll"
        return self.add(f"{kind}.payment.v1", at, data | more)

    def history(
        self, who: str | Json, count: int, to: str | Json = "", amount: str = "1000.00", *, every: int = 14 * DAY
    ) -> int:
        """Ordinary payments from `START` on; gives the time at which the next one would be due, all being settled."""
        for n in range(count):
            self.pay(who, to, amount, n * every)
        return count * every

    def change(self, who: str | Json, to: str | Json, at: int = 0, **more: Any) -> Json:
        """A change of account."""
        person = payee(who) if isinstance(who, str) else who
        data = {"change": "account", "payee": person, "new_account": _account(to)}
        return self.add("payee.change.v1", at, data | more)

    def created(self, who: str | Json, to: str | Json | None = None, at: int = 0, **more: Any) -> Json:
        """A payee comes into the master file; `bootstrap=True`: from an existing one, and so mature."""
        data: Json = {"change": "created", "payee": payee(who) if isinstance(who, str) else who}
        if to is not None:
            data["new_account"] = _account(to)
        return self.add("payee.change.v1", at, data | more)

    def request(
        self, who: str | Json, to: Json | None = None, amount: str = "1000.00", at: int = 0, **more: Any
    ) -> Json:
        """A payout request in crypto."""
        data = {
            "request_id": f"R{self._number:05d}",
            "payee": payee(who) if isinstance(who, str) else who,
            "method": "crypto",
            "amount": {"value": amount, "currency": "USD"},
            "destination": wallet() if to is None else to,
        }
        return self.add("payout.request.v1", at, data | more)

    def status(self, payment: Json, status: str, at: int, **more: Any) -> Json:
        """What became of a payment."""
        of = payment["data"]
        data = {"payment_id": of["payment_id"], "payee_id": of["payee"]["payee_id"], "status": status}
        return self.add("payment.status.v1", at, data | more)

    def worker(self, who: str | Json, action: str, at: int = 0, **more: Any) -> Json:
        """Hire, termination and the like."""
        data = {"action": action, "payee": payee(who) if isinstance(who, str) else who}
        return self.add("worker.lifecycle.v1", at, data | more)

    def policy(self, at: int = 0, **fields: Any) -> Json:
        return self.add("policy.update.v1", at, fields)

    def listed(self, *entries: Json, version: str = "1", at: int = 0, tenant: str = "*", **more: Any) -> Json:
        """A whole sanctions list for all tenants."""
        data = {
            "list": "test-list",
            "version": version,
            "published_at": format_time(START + at),
            "mode": "snapshot",
            "add": list(entries),
        }
        return self.add("sanctions.update.v1", at, data | more, tenantid=tenant)

    def verdict(self, alert_id: str, verdict: str, at: int, **more: Any) -> Json:
        data = {"alert_id": alert_id, "verdict": verdict, "by": "analyst", "at": format_time(START + at)}
        return self.add("disposition.v1", at, data | more)

    def allow(self, rule: str, kind: str, value: str, at: int = 0, **more: Any) -> Json:
        """From then on findings of the rule about the pivot raise no alert, for years."""
        pivot = {"kind": kind, "value": value}
        allowed = {"rule": rule, "pivot": pivot, "expires": format_time(START + 1000 * DAY), **more}
        return self.verdict("al_" + "0" * 32, "false_positive", at, allow=allowed)

    @property
    def lines(self) -> list[bytes]:
        return [json.dumps(event).encode() for event in self.events]

    def play(self) -> Played:
        return play(self.lines)


class Reason(NamedTuple):
    """A reason of an alert's last revision, or of a signal."""

    rule: str
    score: float
    subject: tuple[str, str]
    data: Json

    @property
    def told(self) -> Json:
        """The reason as it stands in the alert."""
        told: Json = next(r for r in self.data["reasons"] if r["rule"] == self.rule)
        return told


class Played:
    """What came out: decoded, in order."""

    def __init__(self, outputs: Iterable[Output], replay: Replay | None = None) -> None:
        self.outputs = list(outputs)
        self.replay = replay

    def topic(self, name: str) -> list[Json]:
        return [json.loads(one.value) for one in self.outputs if one.topic == name]

    @property
    def revisions(self) -> list[Json]:
        """`data` of every alert revision."""
        return [event["data"] for event in self.topic("alerts")]

    @property
    def alerts(self) -> list[Json]:
        """`data` of the last revision of each alert."""
        return list({data["alert_id"]: data for data in self.revisions}.values())

    @property
    def signals(self) -> list[Json]:
        return [event["data"] for event in self.topic("signals")]

    @property
    def letters(self) -> list[Json]:
        return self.topic("dead-letters")

    def reasons(self, rule: str) -> list[Reason]:
        """What the rule has said in alerts, as their last revisions tell it."""
        return _reasons(self.alerts, rule)

    def noted(self, rule: str) -> list[Reason]:
        """What the rule has said in signals."""
        return _reasons(self.signals, rule)

    def score(self, rule: str) -> float | None:
        """The highest score of the rule in any alert."""
        return max((one.score for one in self.reasons(rule)), default=None)


def play(lines: Iterable[bytes], *, batch: int = 0) -> Played:
    """Replay lines, and let the clocks run on as at the end of a file; `batch` merges after so many records."""
    outputs: list[Output] = []
    replay = Replay(outputs.append)
    held = list(lines)
    for start in range(0, len(held), batch or len(held) or 1):
        replay.feed("events.jsonl", held[start : start + (batch or len(held))])
    replay.finish()
    return Played(outputs, replay)


def _account(to: str | Json) -> Json:
    return account(to) if isinstance(to, str) else to


def _reasons(bodies: Iterable[Json], rule: str) -> list[Reason]:
    return [
        Reason(rule, reason["score"], (body["subject"]["kind"], body["subject"]["id"]), body)
        for body in bodies
        for reason in body["reasons"]
        if reason["rule"] == rule
    ]
