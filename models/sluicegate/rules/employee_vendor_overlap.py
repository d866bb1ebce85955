"""A vendor and an employee or contractor share an account or wallet, or a phone or residence.

Perhaps somebody inside bills their own employer.

Evidence: what both share (account, wallet, phone or residence), and the kind of the other payee, who is named.

False positives: vendors kept to reimburse employees (flag `employee_reimbursement`); trusted accounts; a spouse's firm.

Next step: check who created the vendor and who approves its payments.
"""

from collections.abc import Iterator
from itertools import islice

from sluicegate.detection.contacts import contacts_of
from sluicegate.detection.records import AccountLinks, AccountUse, PayeeRecord, WalletLinks
from sluicegate.detection.vendor_records import ContactRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, LOW, Entity, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import PayeeChange, Payment

LINK_DAYS = 400
MOST_ACCOUNTS, MOST_OTHERS, MOST_FINDINGS = 8, 64, 20
"""Accounts of the payee that are looked at, the last used first; other payees; and how many of them are told."""
ARTICLES = {"employee": "an", "contractor": "a"}
STAFF = frozenset(ARTICLES)
CONCERNED = STAFF | {"vendor"}


class Params(RuleParams, frozen=True):
    pass


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayeeChange = view.data
    id = data.payee.payee_id
    record = view.known(id)
    if record.profile.kind not in CONCERNED or _reimburses(record):
        return
    shared = _by_contact(view, id, record)
    shared.update(_by_account(view, id, record))
    if not shared:
        return  # as nearly always
    payments = ((id, data.payment_id),) if isinstance(data, Payment) else ()
    pairs = (_pair(view, id, record, other) for other in islice(sorted(shared), MOST_OTHERS))
    for vendor, staff, other in islice((pair for pair in pairs if pair is not None), MOST_FINDINGS):
        yield _finding(view, vendor, staff, shared[other], payments)


def _by_account(view: View, id: str, record: PayeeRecord) -> dict[str, tuple[str, AccountUse | None]]:
    """Other payee -> what is shared, by accounts and their wallets."""
    out: dict[str, tuple[str, AccountUse | None]] = {}
    uses = [use for use in record.accounts if use.fp not in view.policy.trusted]
    if len(uses) > 1:
        uses.sort(key=lambda u: (max(u.last_paid, u.first_seen), u.fp))
    for use in uses[-MOST_ACCOUNTS:]:
        if use.wallet is None:
            held = view.state.get(AccountLinks, use.fp)
            if held is None or len(held.links) < 2:
                continue  # as nearly always: nobody else is paid there
        links = [("wallet", link) for link in view.links(WalletLinks, use.wallet, LINK_DAYS)] if use.wallet else []
        accounts = [("account", link) for link in view.links(AccountLinks, use.fp, LINK_DAYS)]
        if len(accounts) < 2 and len(links) < 2:
            continue
        mine = {what for what, link in (*links, *accounts) if link.payee == id}
        out |= {link.payee: (what, use) for what, link in (*links, *accounts) if link.payee != id and what in mine}
    return out


def _by_contact(view: View, id: str, record: PayeeRecord) -> dict[str, tuple[str, AccountUse | None]]:
    """Other payee -> what is shared, by phone and residence."""
    out: dict[str, tuple[str, AccountUse | None]] = {}
    for contact in contacts_of(record.profile):
        held = view.state.get(ContactRecord, contact)
        for payee in held.payees if held is not None else ():
            if payee != id:
                out[payee] = contact.partition("\n")[0], None
    return out


def _reimburses(record: PayeeRecord) -> bool:
    return record.profile.kind == "vendor" and "employee_reimbursement" in record.profile.flags


def _pair(view: View, id: str, record: PayeeRecord, other: str) -> tuple[str, str, str] | None:
    """(vendor, employee or contractor, the other one of the two), if the two payees are such a pair."""
    theirs = view.payee(other)
    if theirs is None or _reimburses(theirs):
        return None
    if record.profile.kind == "vendor":
        return (id, other, other) if theirs.profile.kind in STAFF else None
    return (other, id, other) if theirs.profile.kind == "vendor" else None


def _finding(
    view: View,
    vendor: str,
    staff: str,
    shared: tuple[str, AccountUse | None],
    payments: tuple[tuple[str, str], ...],
) -> Finding:
    what, use = shared
    kind = view.known(staff).profile.kind
    return Finding(
        score=HIGH if use is not None else LOW,
        subject=("payee", vendor),
        title=f"A vendor has the same {what} as {ARTICLES[kind]} {kind}",
        text=f"The vendor and a payee of kind {kind} have the same {what}.",
        observed={"shared": what, "with": kind},
        expected={"shared": None, "or": "flag employee_reimbursement, or an account on the trusted account list"},
        counterfactual=f"Another {what} for one of the two would not have fired.",
        action="hold" if use is not None else "review",
        cause=f"{vendor}\n{staff}",
        payments=payments,
        entities=(
            Entity("payee", staff, "shares_with_vendor"),
            *((Entity("account", use.fp, "shared", use.bank_name, use.country, use.last4),) if use is not None else ()),
        ),
        display=view.known(vendor).profile.name,
    )


RULE = Rule(
    slug="employee-vendor-overlap",
    letter="B8",
    family="payables",
    params=Params,
    on={Payment: check, PayeeChange: check},
    reads=(PayeeRecord, AccountLinks, WalletLinks, ContactRecord),
    sources=("Audit-analytics practice on vendor master files",),
    fires=("shared-account", "shared-phone", "shared-residence", "shared-account-in-the-last-moment-of-400-days"),
    silent=("vendor-that-reimburses", "trusted-account", "shared-account-after-400-days", "two-vendors-of-one-phone"),
)
