"""The state update: what each event adds to what is known, before any rule looks.

Every function returns the `Facts` that only the update can know, such as that an account was never seen before.
"""

from __future__ import annotations

from bisect import insort
from operator import attrgetter
from typing import TYPE_CHECKING

from sluicegate.detection.advances import note_advance
from sluicegate.detection.bursts import note_change, note_paid
from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.contacts import contacts_of, note_contacts
from sluicegate.detection.creation import creation, verified
from sluicegate.detection.links import relink, tie, tie_account
from sluicegate.detection.payouts import destination_key, note_request
from sluicegate.detection.rechecks import watch_leaver
from sluicegate.detection.records import (
    INLINE_ROWS,
    MAX_ACCOUNTS,
    MAX_CHANGES,
    MAX_DESTINATIONS,
    AccountUse,
    Change,
    PayeeRecord,
    Profile,
    TicketRecord,
    WalletLinks,
)
from sluicegate.detection.roster import latest_pay, note_group, note_lifecycle
from sluicegate.detection.rows import KEEP, find_row, join_part, name_check, row_of, row_order, spill
from sluicegate.detection.vendors import note_vendor
from sluicegate.detection.view import Facts, View
from sluicegate.screening.wallets import wallet_id

if TYPE_CHECKING:
    from sluicegate.detection.state import State
    from sluicegate.wire.blocks import Account, Payee
    from sluicegate.wire.events import PayeeChange, Payment, PaymentStatus, PayoutRequest, WorkerLifecycle

KEEP_NOCS = 60 * DAY
MAX_IDS = 50
MAX_TICKET = 1000
FINAL_OR_ACCEPTED = frozenset(("settled", "returned", "rejected", "cancelled", "reversed", "accepted"))
TEXT_FIELDS = (
    "kind", "name", "legal_name", "entity_type", "country", "region", "residence_hash", "phone_hash", "tax_id_hash",
    "dob_verified", "lei", "group_id", "email_domain", "remote", "peer_group",
)  # fmt: skip
DATE_FIELDS = ("dob", "start_date", "end_date")
ACCOUNT_FIELDS = ("country", "region", "bank_id", "bank_name", "last4", "holder_name")
_text_of, _account_of = attrgetter(*TEXT_FIELDS), attrgetter(*ACCOUNT_FIELDS)


def payment(view: View, data: Payment) -> Facts:
    """A payment, or one part of a split payment."""
    state, time, ref = view.state, view.time, view.ref
    record = _payee(state, data.payee, time)
    record.last_active = max(record.last_active, time)
    id = data.payee.payee_id
    use = record.account(data.account.fp)
    change = None
    if use is None:
        known = bool(record.accounts)
        initial = not known or not view.mature(id, time)
        use = _use(data.account, time, initial)
        if known:
            change = Change(data.account.fp, time, ref, implicit=True, name_check=name_check(data.account))
            _old(change, record, None, time)
            _add_change(record, change)
        _add_account(record, use)
    else:
        _refresh(use, data.account, time)
    note_paid(state, max(held.last_paid for held in (*record.accounts, use)), time)
    use.last_paid = max(use.last_paid, time)
    part, before = row_of(view, data), latest_pay(record)
    row = join_part(state, record, part, data) if data.split is not None else part
    if row is part:
        if record.rows and row_order(row) < row_order(record.rows[-1]):
            insort(record.rows, row, key=row_order)
        else:
            record.rows.append(row)
        if len(record.rows) > INLINE_ROWS:
            spill(state, id, record)
    custodial = tie_account(state, record, id, data.account, time, ref)
    note_vendor(state, id, record)
    if part.slip is not None:
        note_group(state, id, record, before)
        note_advance(view, record, data)
    return Facts(row=row, part=part, use=use, change=change, custodial=custodial)


def payee_change(view: View, data: PayeeChange) -> Facts:
    """Creation, change of account or contact, new master data."""
    state, time = view.state, view.time
    record = _payee(state, data.payee, time)
    record.last_active = max(record.last_active, time)
    id = data.payee.payee_id
    if record.vendor is not None:
        note_vendor(state, id, record)
    facts = Facts()
    if data.change == "created":
        if record.created_at is None or time < record.created_at:
            record.created_at, record.creation = time, creation(data)
        record.bootstrap = record.bootstrap or bool(data.bootstrap)
    elif data.change == "contact":
        record.contacts = [*record.contacts, time][-8:]
    if data.new_account is None or data.change not in ("created", "account"):
        return facts
    facts.use = record.account(data.new_account.fp)
    if facts.use is None:
        initial = not record.accounts or not view.mature(id, time)
        facts.use = _use(data.new_account, time, initial)
        _add_account(record, facts.use)
    else:
        facts.use.first_seen = min(facts.use.first_seen, time)
        _refresh(facts.use, data.new_account, time)
    if data.change == "account":
        facts.change = _explicit(view, record, data)
        facts.explained = tuple(
            row
            for row in record.rows
            if data.new_account.fp in row.fps
            and row.time >= time
            and view.clock <= row.time + view.policy.param("changed-account", "late_explain_hours") * HOUR
            and any(c.implicit and c.fp == data.new_account.fp and c.time >= time for c in record.changes)
        )
    wallet = data.new_account.wallet
    if wallet is not None or data.new_account.scheme == "vasp":
        facts.new_destination = _destination(record, destination_key(wallet, data.new_account.fp))
    facts.custodial = tie_account(state, record, id, data.new_account, time, view.ref)
    return facts


def _explicit(view: View, record: PayeeRecord, data: PayeeChange) -> Change:
    account, actor = data.new_account, data.actor
    assert account is not None
    verification, approval = data.verification, data.approval
    user = actor.user_id if actor else None
    change = Change(
        account.fp,
        view.time,
        view.ref,
        implicit=False,
        verified=verified(verification, user),
        name_check=name_check(account),
        second_approver=bool(approval and any(by != user for by in approval.approved_by)),
    )
    if actor is not None:
        change.role, change.channel, change.user = actor.role, actor.channel, user
        change.device, change.ip = actor.device_id, actor.ip
        change.device_known, change.ip_country_new = actor.device_known, actor.ip_country_new
        change.mfa, change.ticket = actor.mfa, actor.ticket
        change.mfa_changed_at = int(actor.mfa_changed_at) if actor.mfa_changed_at is not None else None
    _old(change, record, data.old_account, view.time)
    change.stated_bank_id = data.old_account.bank_id if data.old_account is not None else None
    _add_change(record, change)
    note_change(view, data.payee.payee_id, change)
    if change.channel == "bulk_import" and change.ticket:
        ticket = view.state.edit(TicketRecord, change.ticket)
        if ticket is None:
            ticket = TicketRecord()
            view.state.put(change.ticket, ticket)
        ticket.changes = [*ticket.changes, (data.payee.payee_id, view.time)][-MAX_TICKET:]
    return change


def _old(change: Change, record: PayeeRecord, stated: Account | None, time: int) -> None:
    """Note the account used last before the change; the event's own word counts where nothing was paid yet."""
    paid = [use for use in record.accounts if use.fp != change.fp and use.last_paid]
    if paid:
        use = max(paid, key=lambda u: (u.last_paid, u.fp))
        change.old_fp, change.old_scheme = use.fp, use.scheme
        change.old_country, change.old_bank_id = use.country, use.bank_id
    elif stated is not None:
        change.old_fp, change.old_scheme = stated.fp, stated.scheme
        change.old_country, change.old_bank_id = stated.country, stated.bank_id


def _add_change(record: PayeeRecord, change: Change) -> None:
    horizon = record.last_seen - KEEP
    kept = [c for c in record.changes if c.time >= horizon]
    insort(kept, change, key=lambda c: c.time)
    record.changes = kept[-MAX_CHANGES:]


def payout_request(view: View, data: PayoutRequest) -> Facts:
    """A request for money, or for another form of it."""
    record = _payee(view.state, data.payee, view.time)
    record.last_active = max(record.last_active, view.time)
    row = note_request(view, record, data)
    note_advance(view, record, data)
    facts = Facts(request=row)
    if data.destination is not None and data.method == "crypto":
        assert row.destination is not None
        facts.new_destination = _destination(record, row.destination)
        facts.custodial = data.destination.hosted == "custodial"
        if data.destination.address:
            wallet = wallet_id(data.destination.address, data.destination.tag)
            tie(view.state, WalletLinks, wallet, data.payee.payee_id, record, view.time, view.ref, facts.custodial)
    return facts


def _destination(record: PayeeRecord, key: str) -> bool:
    if key in record.destinations:
        return False
    record.destinations = [*record.destinations, key][-MAX_DESTINATIONS:]
    return True


def payment_status(view: View, data: PaymentStatus) -> Facts:
    """What became of a payment; of several statuses the last by event time, then `seq`, counts."""
    if data.status == "noc":
        record = view.state.edit(PayeeRecord, data.payee_id)
        if record is not None and data.corrected_account is not None:
            kept = [(t, fp) for t, fp in record.nocs if t >= view.time - KEEP_NOCS]
            record.nocs = [*kept, (view.time, data.corrected_account.fp)][-16:]
    elif data.status in FINAL_OR_ACCEPTED:
        row = find_row(view.state, data.payee_id, data.payment_id)
        if row is not None:
            order = (view.time, data.seq or 0)
            if order >= (row.status_at, row.status_seq):
                row.status, row.status_at, row.status_seq = data.status, *order
                row.code = data.code
    return Facts()


def worker_lifecycle(view: View, data: WorkerLifecycle) -> Facts:
    """Hire, termination and the like."""
    record = _payee(view.state, data.payee, view.time)
    if data.action in ("hire", "rehire", "terminate"):
        note_lifecycle(view, record, data)
        relink(view.state, data.payee.payee_id, record)
        watch_leaver(view, data.payee.payee_id, record)
    return Facts()


def _payee(state: State, block: Payee, time: int) -> PayeeRecord:
    record = state.edit(PayeeRecord, block.payee_id)
    if record is None:
        record = PayeeRecord(Profile(block.kind))
        state.put(block.payee_id, record)
    profile = record.profile
    newer = time >= record.last_seen
    if _text_of(block) != _text_of(profile):
        _restate(state, block, record, newer)
    for name in DATE_FIELDS:
        day = getattr(block, name)
        if day is not None and (newer or getattr(profile, name) is None):
            setattr(profile, name, str(day))
    if block.ids and (newer or not profile.ids):
        profile.ids = [(i.scheme, i.value) for i in block.ids[:MAX_IDS]]
    if block.flags and (newer or not profile.flags):
        profile.flags = list(block.flags[:MAX_IDS])
    record.last_seen = max(record.last_seen, time)
    return record


def _restate(state: State, block: Payee, record: PayeeRecord, newer: bool) -> None:
    """Take over what the block says otherwise than the profile; `newer`: than all that is known."""
    profile = record.profile
    before, contacts = (profile.kind, profile.remote), contacts_of(profile)
    for name in TEXT_FIELDS:
        value = getattr(block, name)
        if value is not None and value != "" and (newer or getattr(profile, name) is None):
            setattr(profile, name, value)
    if before != (profile.kind, profile.remote) and record.accounts:
        relink(state, block.payee_id, record)
    note_contacts(state, block.payee_id, contacts, contacts_of(profile))


def _use(account: Account, time: int, initial: bool) -> AccountUse:
    use = AccountUse(account.fp, account.scheme, time, initial)
    _refresh(use, account, time)
    return use


def _refresh(use: AccountUse, account: Account, time: int) -> None:
    use.scheme = account.scheme
    if _account_of(account) != _account_of(use):
        for name in ACCOUNT_FIELDS:
            value = getattr(account, name)
            if value:
                setattr(use, name, value)
    if account.joint is not None:
        use.joint = account.joint
    if account.name_check is not None:
        use.name_check = account.name_check.status
    if account.wallet is not None and account.wallet.address:
        use.wallet = wallet_id(account.wallet.address, account.wallet.tag)
    use.first_seen = min(use.first_seen, time)


def _add_account(record: PayeeRecord, use: AccountUse) -> None:
    record.accounts.append(use)
    if len(record.accounts) > MAX_ACCOUNTS:
        oldest = min((a for a in record.accounts if a is not use), key=lambda a: (max(a.last_paid, a.first_seen), a.fp))
        record.accounts.remove(oldest)
