"""A wallet, an identity number, an LEI or a BIC stands on a sanctions list, digit for digit.

The address decides, not the network or tag that came with it; one in the remittance text counts however it is
written there, with a right checksum or none: that it is listed proves it.

Evidence: what matched (wallet, number, LEI or bank code), with which entry of which version of which list.

False positives: practically none; a number that was reused, or a list entry in error.

Next step: stop; follow the duties of the list's authority (block or reject, report in time).
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import PayeeView, View
from sluicegate.rules.base import Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.rules.screened import Party, hit, known_party, party_of
from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import ListEntry, PayeeChange, Payment, PayoutRequest


class Params(RuleParams, frozen=True):
    rescreen_days: Annotated[Days, Meta(description="days back for which payees are screened against new entries")] = (
        400
    )


def check(view: View, params: Params) -> Iterable[Result]:
    return _screen(party_of(view), view.screen.lists) if view.screen.lists else ()


def at_rescreen(view: PayeeView, params: Params) -> Iterable[Finding]:
    return _screen(known_party(view), (view.listed,))


def _screen(party: Party, lists: Sequence[CompiledList]) -> list[Finding]:
    ids, wallets = party.ids, party.wallets
    out = []
    for listed in lists:
        found: dict[str, tuple[ListEntry, list[tuple[str, str]]]] = {}
        for wallet in wallets:
            for entry in listed.wallet_hits(wallet):
                found.setdefault(entry.entry_id, (entry, []))[1].append(("wallet", wallet))
        for one in ids:
            for entry in listed.id_hits(*one):
                found.setdefault(entry.entry_id, (entry, []))[1].append(one)
        out += [_finding(party, listed, entry, matches) for entry, matches in found.values()]
    return out


def _finding(party: Party, listed: CompiledList, entry: ListEntry, matches: list[tuple[str, str]]) -> Finding:
    wallets = tuple(value for scheme, value in matches if scheme == "wallet")
    schemes = sorted({scheme for scheme, _ in matches})
    return hit(
        party,
        listed,
        entry,
        100,
        f"A listed {schemes[0].replace('_', ' ')} of {entry.names[0].name}",
        f"Exact match of {', '.join(schemes)} with entry {entry.entry_id} of {listed.name} ({listed.version}).",
        {"matched": schemes, "wallets": list(wallets)},
        counterfactual="An identifier that is not on the list would not have been reported.",
        action="block_per_policy",
        entities=tuple(Entity("wallet", wallet, "listed") for wallet in wallets),
        wallets=wallets,
    )


RULE = Rule(
    slug="sanctioned-identifier",
    letter="S1",
    family="sanctions",
    params=Params,
    on={Payment: check, PayoutRequest: check, PayeeChange: check},
    at_rescreen=at_rescreen,
    reads=(PayeeRecord,),
    sources=("OFAC FAQ 49",),
    fires=("listed-wallet", "listed-wallet-after-update", "listed-passport-in-other-spelling"),
    silent=("unlisted-wallet", "entry-removed"),
)
