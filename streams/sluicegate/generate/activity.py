"""What happens besides payments: people move house and bank, join, leave, log in, ask for money.

All of it is ordinary business, and most looks a little like a scheme: that is its use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from sluicegate.generate import days, money
from sluicegate.generate.accounts import Account, actor, ip, token
from sluicegate.generate.days import DAY, HOUR, MINUTE, day_text, instant_text
from sluicegate.generate.drafts import CHANGE, LIFECYCLE, PAYOUT, PAYROLL, STATUS, Case, Draft
from sluicegate.generate.names import pick
from sluicegate.generate.payees import Payee, Vendor, Worker
from sluicegate.generate.payroll import earned, outside_run
from sluicegate.generate.tenants import PROVIDER, Tenant

P = TypeVar("P", bound=Payee)
_Write: TypeAlias = Callable[[Tenant, P, int, int], Draft | None]
AFTERMATH = 60 * DAY  # after which a scheme is put right
ADVANCE_GAP = 200 * DAY  # nobody asks for two advances within this


def plan(tenant: Tenant, day: int) -> None:
    """Plan a local day's activity, in proportion to the number of payees."""
    if days.is_business_day(day):
        for share, one in _OF_WORKERS:
            _some(tenant, day, share * len(tenant.workers), one, tenant.workers)
        for share, another in _OF_VENDORS:
            _some(tenant, day, share * len(tenant.vendors), another, tenant.vendors)
        for _ in range(_count(tenant, 0.0007 * len(tenant.workers))):
            tenant.plan(tenant.office_hour(day), partial(_hired, tenant))
        for _ in range(_count(tenant, 0.0006 * len(tenant.vendors))):
            tenant.plan(tenant.office_hour(day), partial(_vendor_added, tenant))


def _count(tenant: Tenant, expected: float) -> int:
    """A whole number around an expected one."""
    return int(expected + tenant.rng.random())


def _some(tenant: Tenant, day: int, expected: float, write: _Write[P], among: list[P]) -> None:
    for _ in range(_count(tenant, expected)):
        payee = among[int(tenant.rng.random() * len(among))]
        tenant.plan(tenant.office_hour(day), partial(unless_gone, write, tenant, payee))


def unless_gone(write: _Write[P], tenant: Tenant, payee: P, due: int, at: int) -> Draft | None:
    """A Writer: nothing happens any more about a payee who left since it was planned."""
    return None if payee.gone else write(tenant, payee, due, at)


def account_change(
    payee: Payee, new: Account, who: dict[str, Any], verification: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Data of a change of the payee's account; the payee keeps the old one until the caller switches it."""
    data = {
        "change": "account",
        "payee": payee.raw,
        "new_account": new.raw,
        "old_account": payee.account.raw,
        "actor": who,
    }
    return data if verification is None else data | {"verification": verification}


def _verified_change(tenant: Tenant, payee: Payee, _due: int, at: int) -> Draft | None:
    """A new bank, verified by somebody else before it counts."""
    if payee.case is not None or (isinstance(payee, Worker) and payee.second):
        return None
    rng = tenant.rng
    if isinstance(payee, Worker):
        who, method = actor(rng, f"u-{payee.id}", payee.country), pick(rng, ("micro_deposit", "callback"))
    else:
        who = actor(rng, pick(rng, tenant.buyers), tenant.home, role="ap")
        method = pick(rng, ("callback", "bank_confirmation"))
    checked = verification(method, pick(rng, tenant.officers), at - 5 * MINUTE)
    new = tenant.new_account(payee)
    data = account_change(payee, new, who, checked)
    payee.account = new
    return Draft(CHANGE, data)


def enrol_second(tenant: Tenant, worker: Worker, _due: int, at: int) -> Draft:
    """A Writer: the worker names a second account for a part of the pay, proved by a small deposit."""
    assert worker.second is not None
    who = actor(tenant.rng, f"u-{worker.id}", worker.country)
    checked = verification("micro_deposit", tenant.officers[1], at)
    return Draft(CHANGE, account_change(worker, worker.second, who, checked))


def hire_event(worker: Worker, _due: int, _at: int) -> Draft:
    """A Writer: the HR system reports a new worker."""
    data = {"action": "hire", "payee": worker.raw, "effective_date": worker.block["start_date"]}
    return Draft(LIFECYCLE, data)


def verification(method: str, by: str, at: int) -> dict[str, str]:
    """Somebody made sure that the account is the payee's."""
    return {"method": method, "status": "passed", "at": instant_text(at), "by": by}


def _contact(tenant: Tenant, payee: Payee, _due: int, _at: int) -> Draft:
    fields = [pick(tenant.rng, ("phone", "email", "address"))]
    who = actor(tenant.rng, f"u-{payee.id}", payee.country)
    return Draft(CHANGE, {"change": "contact", "payee": payee.raw, "contact_fields": fields, "actor": who})


def _moved(tenant: Tenant, worker: Worker, _due: int, _at: int) -> Draft:
    worker.block["residence_hash"] = token(tenant.rng)
    worker.refresh()
    who = actor(tenant.rng, f"u-{worker.id}", worker.country)
    return Draft(CHANGE, {"change": "profile", "payee": worker.raw, "actor": who})


def _session(tenant: Tenant, worker: Worker, _due: int, _at: int) -> Draft | None:
    if "remote" not in worker.block:
        return None
    session = {"ip": ip(tenant.rng), "ip_country": worker.country, "device_id": f"dev-u-{worker.id}"}
    return Draft(LIFECYCLE, {"action": "session", "payee": worker.raw, "session": session})


def _attested(_tenant: Tenant, worker: Worker, _due: int, _at: int) -> Draft | None:
    if "remote" not in worker.block:
        return None
    return Draft(LIFECYCLE, {"action": "attest", "payee": worker.raw, "scope": "location"})


def _noc(tenant: Tenant, payee: Payee, _due: int, _at: int) -> Draft | None:
    """The receiving bank corrects an account; the next payment goes to the corrected one."""
    if payee.case is not None or not payee.last_payment or payee.account.scheme != "us_aba":
        return None
    new = tenant.new_account(payee)
    data = {
        "payment_id": payee.last_payment,
        "payee_id": payee.id,
        "status": "noc",
        "code": "C01",
        "account_fp": payee.account.fp,
        "corrected_account": new.raw,
    }
    payee.account = new
    return Draft(STATUS, data)


def _payout(tenant: Tenant, worker: Worker, _due: int, at: int) -> Draft | None:
    """A contractor takes part of the pay in stablecoin, through the approved provider."""
    if not tenant.crypto or not worker.contractor or worker.paid < 2:
        return None
    share = 20 + int(30 * tenant.rng.random())
    where = {"network": "eip155:8453", "asset": "USDC"}
    destination = where | {"hosted": "custodial", "provider": PROVIDER, "kyc_attested": True}
    data = request(tenant, worker, at, "crypto", worker.last_minor * share // 100) | {
        "destination": destination,
        "share_of_pay": f"0.{share}",
        "purpose": "conversion",
        "actor": actor(tenant.rng, f"u-{worker.id}", worker.country),
    }
    return Draft(PAYOUT, data)


def _advance(tenant: Tenant, worker: Worker, due: int, at: int) -> Draft | None:
    if worker.paid < 4 or worker.contractor or due < worker.next_advance:
        return None
    worker.next_advance = due + ADVANCE_GAP
    data = request(tenant, worker, at, "bank", worker.last_minor // 4) | {
        "account": worker.account.raw,
        "purpose": "advance",
        "actor": actor(tenant.rng, f"u-{worker.id}", worker.country),
    }
    return Draft(PAYOUT, data)


def set_right(tenant: Tenant, payee: Payee, due: int, at: int) -> Draft | None:
    """A Writer, the end of a scheme: a victim gets an account back that is verified; who was registered for it goes."""
    if payee.planted and isinstance(payee, Worker):
        return _left(tenant, payee, due, at)
    if payee.planted and isinstance(payee, Vendor):
        return _vendor_closed(tenant, payee, due, at)
    payee.case = None
    return _verified_change(tenant, payee, due, at)


def request(tenant: Tenant, worker: Worker, at: int, method: str, minor: int) -> dict[str, Any]:
    """What every payout request has."""
    return {
        "request_id": f"R-{tenant.tag}-{tenant.number('request')}",
        "payee": worker.raw,
        "method": method,
        "amount": money.money(minor, worker.currency),
        **tenant.foreign(minor, worker.currency, at),
    }


def wallet_request(
    tenant: Tenant, worker: Worker, at: int, wallet: str, minor: int, case: Case, *, opens: bool
) -> Draft:
    """A request for crypto on a self-hosted wallet, without any provider: what schemes ask for."""
    bitcoin = not wallet.startswith("0x")
    network = "bip122:000000000019d6689c085ae165831e93" if bitcoin else "eip155:1"
    data = request(tenant, worker, at, "crypto", minor) | {
        "destination": {"network": network, "asset": "BTC" if bitcoin else "USDT", "hosted": "self", "address": wallet},
        "share_of_pay": "1.0" if minor >= worker.gross else "0.6",
        "purpose": "salary",
        "actor": actor(tenant.rng, f"u-{worker.id}", worker.country),
    }
    return Draft(PAYOUT, data, case, opens)


def created(tenant: Tenant, payee: Payee, at: int, verified: bool = True) -> dict[str, Any]:
    """Data of a new payee's registration by one officer, verified by another."""
    who = actor(tenant.rng, tenant.officers[0], tenant.home, role="hr" if isinstance(payee, Worker) else "ap")
    data = {"change": "created", "payee": payee.raw, "new_account": payee.account.raw, "actor": who}
    if verified:
        data["verification"] = verification("callback", tenant.officers[1], at)
    return data


def _hired(tenant: Tenant, due: int, at: int) -> Draft:
    contractor = tenant.rng.random() < 0.25
    worker = tenant.hire(tenant.today(at), contractor=contractor, remote=tenant.rng.random() < 0.4)
    if tenant.roster:
        tenant.plan(due + HOUR, partial(hire_event, worker))
    if worker.second is not None:
        tenant.plan(due + 2 * HOUR, partial(enrol_second, tenant, worker))
    return Draft(CHANGE, created(tenant, worker, at))


def _left(tenant: Tenant, worker: Worker, due: int, at: int) -> Draft | None:
    """Somebody leaves, and gets a final payment within the week."""
    if (worker.case is not None) != worker.planted or worker.second:
        return None
    tenant.dismiss(worker)
    if worker.paid and not worker.planted:
        tenant.plan(due + 4 * DAY, partial(_final_pay, tenant, worker))
    if not tenant.roster:
        return None
    end = day_text(tenant.today(at))
    return Draft(LIFECYCLE, {"action": "terminate", "payee": worker.raw, "effective_date": end})


def _final_pay(tenant: Tenant, worker: Worker, due: int, at: int) -> Draft:
    net, purpose = earned(worker, factor=0.3 + 0.5 * tenant.rng.random(), kind="final")
    return Draft(PAYROLL, outside_run(tenant, worker, "final", net, purpose, due, at))


def _vendor_added(tenant: Tenant, due: int, at: int) -> Draft:
    vendor = tenant.add_vendor()
    vendor.orders = True
    tenant.invoices_due[due // DAY + 7 + int(14 * tenant.rng.random())].append(vendor)
    return Draft(CHANGE, created(tenant, vendor, at))


def _vendor_closed(tenant: Tenant, vendor: Vendor, _due: int, _at: int) -> Draft | None:
    if (vendor.case is not None) != vendor.planted or len(tenant.vendors) < 4:
        return None
    vendor.gone = True
    tenant.vendors.remove(vendor)
    return Draft(CHANGE, {"change": "closed", "payee": vendor.raw})


_OF_WORKERS: tuple[tuple[float, _Write[Worker]], ...] = (  # share of them on a business day
    (0.0010, _verified_change),
    (0.0015, _contact),
    (0.0008, _moved),
    (0.0800, _session),
    (0.0040, _attested),
    (0.0001, _noc),
    (0.0300, _payout),
    (0.0004, _advance),
    (0.0006, _left),
)
_OF_VENDORS: tuple[tuple[float, _Write[Vendor]], ...] = (
    (0.0018, _verified_change),
    (0.0010, _contact),
    (0.0001, _noc),
    (0.0005, _vendor_closed),
)
