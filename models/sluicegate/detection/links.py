"""Ties of payees to accounts, wallets and tax ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sluicegate.detection.records import (
    MAX_LINKS,
    AccountLinks,
    Link,
    LinkRecord,
    PayeeRecord,
    Profile,
    TaxIdLinks,
    WalletLinks,
)
from sluicegate.screening.wallets import wallet_id

if TYPE_CHECKING:
    from sluicegate.detection.state import State
    from sluicegate.wire.blocks import Account

L = TypeVar("L", bound=LinkRecord)


def _flexible(profile: Profile) -> bool:
    return profile.kind == "contractor" or bool(profile.remote)


def _ended(record: PayeeRecord) -> bool:
    return record.lifecycle is not None and record.lifecycle.action == "terminate"


def relink(state: State, payee: str, record: PayeeRecord) -> None:
    """Carry what changed about a payee to the links of their accounts."""
    for use in record.accounts:
        links = state.edit(AccountLinks, use.fp)
        for link in links.links if links is not None else ():
            if link.payee == payee:
                link.flexible, link.ended = _flexible(record.profile), _ended(record)


def tie_account(state: State, record: PayeeRecord, payee: str, account: Account, time: int, ref: str) -> bool:
    """Tie the payee to the account, its wallet and their tax id; whether the wallet is custodial."""
    tie(state, AccountLinks, account.fp, payee, record, time, ref, False)
    custodial = False
    if account.wallet is not None and account.wallet.address:
        custodial = account.wallet.hosted == "custodial"
        tie(
            state,
            WalletLinks,
            wallet_id(account.wallet.address, account.wallet.tag),
            payee,
            record,
            time,
            ref,
            custodial,
        )
    if record.profile.tax_id_hash:
        tie(state, TaxIdLinks, record.profile.tax_id_hash, payee, record, time, ref, False)
    return custodial


def tie(
    state: State, cls: type[L], id: str, payee: str, record: PayeeRecord, time: int, ref: str, custodial: bool
) -> None:
    held = state.edit(cls, id)
    if held is None:
        held = cls()
        state.put(id, held)
    for link in held.links:
        if link.payee == payee:
            if time >= link.time:
                link.time, link.ref, link.custodial = time, ref, custodial
            link.flexible, link.ended = _flexible(record.profile), _ended(record)
            return
    held.links.append(Link(payee, time, ref, _flexible(record.profile), _ended(record), custodial))
    if len(held.links) > MAX_LINKS:
        held.links.remove(min(held.links, key=lambda link: (link.time, link.payee)))
        held.dropped += 1
