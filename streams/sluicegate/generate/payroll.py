"""Pay runs: on the business day before each pay day of a group, one payment for every member."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import msgspec

from sluicegate.generate import days, money
from sluicegate.generate.accounts import encode
from sluicegate.generate.days import HOUR, SECOND, day_text
from sluicegate.generate.drafts import PAYROLL, STATUS, Case, Draft
from sluicegate.generate.payees import Payee, PayGroup, Worker
from sluicegate.generate.tenants import Tenant


class Run:
    """One pay run of a group; hands out the encoded schedule block of its payments."""

    def __init__(self, group: PayGroup, pay_day: int, tag: str) -> None:
        self.group = group
        self.first, self.last = group.calendar.period(pay_day)
        self.id = f"{group.name}-{day_text(self.last)}-{tag}"
        self._blocks: dict[tuple[str, int], msgspec.Raw] = {}

    def schedule(self, rail: str, day: int) -> msgspec.Raw:
        """The block for a rail, instructed on a local day."""
        raw = self._blocks.get((rail, day))
        if raw is None:
            block = {
                "rail": rail,
                "run_id": self.id,
                "run_type": "regular",
                "pay_group": self.group.name,
                "period_start": day_text(self.first),
                "period_end": day_text(self.last),
                "pay_date": day_text(self.group.calendar.next_pay_day(day + 1)),
            } | descriptor(rail)
            raw = self._blocks[(rail, day)] = msgspec.Raw(encode(block))
        return raw


def descriptor(rail: str) -> dict[str, str]:
    """What ACH wants on a payroll credit."""
    return {"sec_code": "PPD", "entry_descriptor": "PAYROLL"} if rail in ("ach", "same_day_ach") else {}


class Slip(NamedTuple):
    """What one worker gets in one run."""

    payment_id: str
    net: int
    purpose: msgspec.Raw
    case: Case | None


def plan(tenant: Tenant, day: int) -> None:
    """Plan the runs that are instructed on a local day."""
    if not days.is_business_day(day):
        return
    for place, group in enumerate(tenant.groups):
        pay_day = group.calendar.next_pay_day(day + 1)
        if days.business_day(pay_day - 1, -1) != day or not group.members:
            continue
        run = Run(group, pay_day, tenant.tag)
        due = tenant.at(day, (10 + 2 * place) * HOUR)
        step = min(2 * SECOND, HOUR // len(group.members))
        for worker in group.members:
            slip = _slip(tenant, worker)
            if worker.second is None:
                tenant.plan(due, partial(pay, tenant, worker, run, slip, 0))
            else:
                tenant.plan(due, partial(pay, tenant, worker, run, slip, 1))
                tenant.plan(due + step // 2, partial(pay, tenant, worker, run, slip, 2))
            due += step


def pay(tenant: Tenant, worker: Worker, run: Run, slip: Slip, part: int, due: int, at: int) -> Draft | None:
    """A Writer: one payment of a run, or part 1 or 2 of a split one."""
    if worker.gone:
        return None
    net, account, rest = slip.net, worker.account, {}
    if part:
        second = net * worker.second_share // 100
        net = second if part == 2 else net - second
        share = worker.second_share if part == 2 else 100 - worker.second_share
        rest = {"split": {"index": part, "count": 2, "percent": str(share)}}
        if part == 2 and worker.second is not None:
            account = worker.second
    currency = worker.currency
    if currency != tenant.base:
        rest |= tenant.foreign(net, currency, at)
    data = {
        "payment_id": slip.payment_id,
        "payee": worker.raw,
        "account": account.raw,
        "amount": {"value": money.text(net, currency), "currency": currency},
        "schedule": run.schedule(worker.rail, tenant.today(at)),
        "purpose": slip.purpose,
        "ledger": worker.ledger,
        **rest,
    }
    if part < 2:
        paid(tenant, worker, slip.payment_id, slip.net, due)
    case = slip.case or (worker.case if part < 2 else None)
    return Draft(PAYROLL, data, case, opens=slip.case is not None)


def outside_run(
    tenant: Tenant, worker: Worker, run_type: str, net: int, purpose: msgspec.Raw, due: int, at: int
) -> dict[str, Any]:
    """Data of a payment outside the runs, to be paid on the next business day; remembered as paid."""
    payment_id, pay_day = tenant.payment_id(), days.add_business_days(tenant.today(at), 1)
    paid(tenant, worker, payment_id, net, due)
    return {
        "payment_id": payment_id,
        "payee": worker.raw,
        "account": worker.account.raw,
        "amount": money.money(net, worker.currency),
        "schedule": {"rail": worker.rail, "run_type": run_type, "pay_date": day_text(pay_day)}
        | descriptor(worker.rail),
        "purpose": purpose,
        "ledger": worker.ledger,
        **tenant.foreign(net, worker.currency, at),
    }


def paid(tenant: Tenant, payee: Payee, payment_id: str, minor: int, due: int) -> None:
    """Remember a payment, and plan what the bank says about it."""
    payee.paid += 1
    payee.last_due, payee.last_payment, payee.last_minor = due, payment_id, minor
    chance = tenant.rng.random()
    if chance < 0.0006:
        code = "R01" if payee.rail == "ach" else "AM04"
        tenant.plan(due + 30 * HOUR, partial(_status, payment_id, payee.id, "returned", code))
    elif tenant.statuses:
        tenant.plan(due + int((20 + 24 * chance) * HOUR), partial(_status, payment_id, payee.id, "settled", None))


def _status(payment_id: str, payee_id: str, status: str, code: str | None, _due: int, _at: int) -> Draft:
    data = {"payment_id": payment_id, "payee_id": payee_id, "status": status}
    return Draft(STATUS, data if code is None else data | {"code": code})


def _slip(tenant: Tenant, worker: Worker) -> Slip:
    payment_id = tenant.payment_id()
    if worker.spike is not None:
        case, factor = worker.spike
        worker.spike = None
        return Slip(payment_id, *earned(worker, factor=factor), case)
    chance = tenant.rng.random()
    if chance < 0.008:
        bonus = worker.gross * int(10 + 3_000 * chance) // 100
        return Slip(payment_id, *earned(worker, bonus=bonus), None)
    if worker.hourly:
        overtime = int(12 * tenant.rng.random()) if chance < 0.2 else 0
        return Slip(payment_id, *earned(worker, hours=77 + int(7 * tenant.rng.random()), overtime=overtime), None)
    if worker.contractor and chance < 0.5:
        return Slip(payment_id, *earned(worker, factor=0.92 + 0.16 * chance), None)
    if worker.slip is None:
        worker.slip = earned(worker)
    return Slip(payment_id, *worker.slip, None)


def earned(
    worker: Worker, *, factor: float = 1.0, bonus: int = 0, hours: int = 80, overtime: int = 0, kind: str = "regular"
) -> tuple[int, msgspec.Raw]:
    """Net pay of a period in the smallest unit, and the encoded purpose block that explains it."""
    currency = worker.currency
    regular = int((worker.hourly * hours if worker.hourly else worker.gross) * factor)
    extra = worker.hourly * overtime * 3 // 2
    parts = [
        ("contract" if worker.contractor and kind == "regular" else kind, regular),
        ("overtime", extra),
        ("bonus", bonus),
    ]
    gross = regular + extra + bonus
    deductions = int(gross * worker.deductions)
    purpose: dict[str, Any] = {
        "code": "SALA",
        "category_code": "SALA",
        "components": [{"type": name, "amount": money.text(minor, currency)} for name, minor in parts if minor],
        "gross": money.text(gross, currency),
        "net": money.text(gross - deductions, currency),
        "deductions_total": money.text(deductions, currency),
    }
    if worker.hourly:
        purpose |= {"hourly": True, "hours": str(hours + overtime)}
    return gross - deductions, msgspec.Raw(encode(purpose))
