"""Ties of payees to accounts, wallets and tax ids: one a payee, as of the newest event, bounded."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.links import tie
from sluicegate.detection.records import MAX_LINKS, AccountLinks, PayeeRecord, Profile, TaxIdLinks, WalletLinks
from sluicegate.detection.state import State, TenantStore
from tests.scenarios.build import ADDRESS, DAY, START, Tale, account, payee, wallet
from tests.unit.detection.test_bursts import state_after


def links(t: Tale, cls: Any = AccountLinks, id: str = "fp-a") -> dict[str, Any]:
    held = state_after(t).get(cls, id)
    return {link.payee: link for link in held.links} if held is not None else {}


def test_payee_is_tied_once_as_of_the_newest_event_though_an_older_one_comes_late() -> None:
    t = Tale()
    t.pay("V1", "a")
    t.pay("V1", "a", at=2 * DAY, invoice="2-1-2")
    t.pay("V1", "a", at=DAY, invoice="1-1-1")
    t.pay("V2", "a", at=DAY)
    assert {name: link.time - START for name, link in links(t).items()} == {"V1": 2 * DAY, "V2": DAY}
    assert links(t)["V1"].ref == "/feeds/acme\ne00001"


def test_event_of_the_same_moment_is_the_newer_one() -> None:
    t = Tale()
    t.pay("V1", "a", invoice="1-1-1")
    t.pay("V1", "a", invoice="2-1-2")
    assert links(t)["V1"].ref == "/feeds/acme\ne00001"


@pytest.mark.parametrize(
    ("who", "flexible"),
    [(payee("C1"), True), (payee("E1", remote=True), True), (payee("E1", remote=False), False), (payee("V1"), False)],
)
def test_contractors_and_remote_workers_are_flexible(who: dict[str, Any], flexible: bool) -> None:
    t = Tale()
    t.pay(who, "a")
    assert links(t)[who["payee_id"]].flexible is flexible


def test_what_becomes_known_of_a_payee_reaches_the_ties_there_are() -> None:
    t = Tale()
    t.pay("E1", "a")
    t.pay("E2", "a")
    t.worker(payee("E1", remote=True), "terminate", DAY, effective_date="2026-01-06")
    held = links(t)
    assert (held["E1"].flexible, held["E1"].ended) == (True, True)
    assert (held["E2"].flexible, held["E2"].ended) == (False, False)
    t.worker("E1", "rehire", 2 * DAY, effective_date="2026-01-07")
    assert links(t)["E1"].ended is False


@pytest.mark.parametrize("hosted", ["custodial", "self"])
def test_wallet_behind_an_account_is_tied_with_who_holds_it(hosted: str) -> None:
    t = Tale()
    t.change("E1", account("w", scheme="wallet", wallet=wallet(hosted=hosted)))
    (link,) = links(t, WalletLinks, state_after(t).get(PayeeRecord, "E1").accounts[0].wallet).values()
    assert link.payee == "E1"
    assert link.custodial is (hosted == "custodial")
    assert links(t, AccountLinks, "fp-w")["E1"].custodial is False


def test_account_without_a_wallet_address_ties_no_wallet() -> None:
    t = Tale()
    t.change("E1", account("w", scheme="vasp", wallet={"provider": "p"}))
    assert list(state_after(t).ids(WalletLinks.KIND)) == []
    t.change("E1", account("x", scheme="wallet", wallet=wallet(ADDRESS)), DAY)
    assert len(list(state_after(t).ids(WalletLinks.KIND))) == 1


def test_tax_id_ties_payees_whatever_their_accounts() -> None:
    t = Tale()
    t.pay(payee("V1", tax_id_hash="t"), "a")
    t.pay(payee("V2", tax_id_hash="t"), "b")
    t.pay("V3", "c")
    assert list(links(t, TaxIdLinks, "t")) == ["V1", "V2"]
    assert links(t, TaxIdLinks, "t")["V1"].custodial is False


def test_ties_are_bounded_and_the_oldest_goes_and_is_counted() -> None:
    state, record = State("acme", TenantStore()), PayeeRecord(Profile("vendor"))
    for n in range(MAX_LINKS):
        tie(state, AccountLinks, "a", f"V{n:03d}", record, 1000 - n, "r", False)
    held = state.get(AccountLinks, "a")
    assert held is not None
    assert (len(held.links), held.dropped) == (MAX_LINKS, 0)
    tie(state, AccountLinks, "a", "V999", record, 2000, "r", False)
    assert (len(held.links), held.dropped) == (MAX_LINKS, 1)
    assert f"V{MAX_LINKS - 1:03d}" not in {link.payee for link in held.links}
    assert {"V000", "V999"} < {link.payee for link in held.links}
