"""What the sanctions rules share: the parties that an event names, and how a hit on a list entry is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.detection.lists import STARTER, entry_digest
from sluicegate.detection.records import AccountUse, PayeeRecord, Profile
from sluicegate.detection.view import PayeeView, View
from sluicegate.rules.base import Entity, Finding, ListedEntry
from sluicegate.screening.index import CompiledList, Kind
from sluicegate.screening.wallets import address_id, written_addresses
from sluicegate.wire.blocks import Account
from sluicegate.wire.events import ListEntry, PayeeChange, Payment, PayoutRequest

if TYPE_CHECKING:
    from sluicegate.detection.policy import Policy

REPORT_WITHIN = 10
"""Business days for a blocking or reject report (OFAC FAQ 49)."""


Accounts = Sequence[Account] | Sequence[AccountUse]


class Party(msgspec.Struct, frozen=True):
    """Who is screened: the payee of an event (or a known one), and what the finding will carry."""

    payee: str
    profile: Profile
    accounts: Accounts
    wallets: tuple[str, ...]
    policy: Policy
    payments: tuple[tuple[str, str], ...] = ()
    requests: tuple[tuple[str, str], ...] = ()
    time: int | None = None
    ref: str | None = None
    retroactive: bool = False

    @property
    def kind(self) -> Kind:
        """Whom the names can be: a person, an organisation, or both."""
        if self.profile.entity_type is not None:
            return "person" if self.profile.entity_type == "person" else "organisation"
        return KINDS[self.profile.kind]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Each name once, with the first field that has it: (field, name)."""
        profile = self.profile
        first = {profile.name: "name"} if profile.name else {}
        if profile.legal_name:
            first.setdefault(profile.legal_name, "legal_name")
        for account in self.accounts:
            if account.holder_name:
                first.setdefault(account.holder_name, "holder_name")
        return tuple([(field, name) for name, field in first.items()])

    @property
    def ids(self) -> tuple[tuple[str, str], ...]:
        """Identity numbers, LEI and bank codes, each once: (scheme, value)."""
        out = list(self.profile.ids)
        if self.profile.lei:
            out.append(("lei", self.profile.lei))
        out += [("bic", account.bank_id) for account in self.accounts if account.bank_id]
        return tuple(dict.fromkeys(out)) if len(out) > 1 else tuple(out)

    @property
    def countries(self) -> frozenset[str]:
        """Where the payee lives and banks."""
        return frozenset([place for place in (self.profile.country, *[a.country for a in self.accounts]) if place])


KINDS: dict[str, Kind] = {"employee": "person", "contractor": "person", "vendor": "organisation", "other": "both"}


def party_of(view: View) -> Party:
    """The parties of a payment, a payout request or a payee change."""
    if view.party is None:
        view.party = _party_of(view)
    return view.party


def _party_of(view: View) -> Party:
    data: Payment | PayoutRequest | PayeeChange = view.data
    id = data.payee.payee_id
    account = data.new_account if isinstance(data, PayeeChange) else data.account
    wallets: list[str] = []
    if isinstance(data, PayoutRequest) and data.destination is not None and data.destination.address:
        wallets.append(address_id(data.destination.address))
    if account is not None and account.wallet is not None and account.wallet.address:
        wallets.append(address_id(account.wallet.address))
    if isinstance(data, Payment) and data.purpose is not None and data.purpose.remittance:
        wallets += written_addresses(data.purpose.remittance)
    return Party(
        id,
        view.known(id).profile,
        (account,) if account is not None else (),
        tuple(dict.fromkeys(wallets)) if wallets else (),
        view.policy,
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        requests=((id, view.ref),) if isinstance(data, PayoutRequest) else (),
        time=view.time,
    )


def known_party(view: PayeeView) -> Party:
    """Everything known of a payee; the re-screening adds the payments."""
    record: PayeeRecord = view.record
    wallets = [use.wallet.partition("#")[0] for use in record.accounts if use.wallet]
    wallets += [d.partition("#")[0] for d in record.destinations if "\n" not in d]
    return Party(
        view.payee,
        record.profile,
        record.accounts,
        tuple(dict.fromkeys(wallets)),
        view.policy,
        time=view.time,
        ref=view.ref,
        retroactive=True,
    )


def hit(
    party: Party,
    listed: CompiledList,
    entry: ListEntry,
    score: int,
    title: str,
    text: str,
    observed: dict[str, Any],
    **more: Any,
) -> Finding:
    """A finding about a payee and a list entry: merges by entry only, and names the date a report would be due.

    One on the starter list says what that is.
    """
    if listed.name == STARTER:
        text = f"{text.removesuffix('.')} (built-in starter list, partial)."
        observed = {**observed, "partial": True}
    calendar = party.policy.calendar
    due = calendar.add_business_days(calendar.local_date(party.time or 0), REPORT_WITHIN)
    return Finding(
        score=score,
        subject=("payee", party.payee),
        title=title,
        text=text,
        observed={"list": listed.name, "list_version": listed.version, "entry_id": entry.entry_id, **observed},
        expected={"listed": False},
        cause=f"{listed.name}\n{entry.entry_id}",
        time=party.time if party.retroactive else None,
        about=party.ref,
        payments=party.payments,
        requests=party.requests,
        entities=(Entity("list_entry", entry.entry_id, listed.name, entry.names[0].name), *more.pop("entities", ())),
        entry=ListedEntry(listed.name, entry.entry_id, entry_digest(entry)),
        retroactive=party.retroactive,
        deadline=str(due),
        display=party.profile.name,
        **more,
    )
