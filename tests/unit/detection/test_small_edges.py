"""Edges of small functions: normal forms, names of alerts, what is cut, and what a signal is made of."""

from __future__ import annotations

import pytest

from sluicegate.detection.alerts import alert_id
from sluicegate.detection.amounts import EXACT
from sluicegate.detection.evidence import trim
from sluicegate.detection.in_force import InForce, ListInForce
from sluicegate.detection.invoices import normal_form
from sluicegate.detection.log import LogRecord
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.shared import SharedPartition
from sluicegate.detection.vendors import clean_name, plain_domain
from tests.scenarios.build import ADDRESS, DAY, Tale, entry, payee
from tests.unit.detection.test_bursts import state_after


@pytest.mark.parametrize("word", ["redacted", "anonymised", "anonymized", "withheld", "undisclosed"])
@pytest.mark.parametrize(
    "beside",
    ["", "personal", "private", "data", "details", "information", "name", "individual", "payee", "supplier"],
)
def test_name_that_a_source_withholds_is_none(word: str, beside: str) -> None:
    assert clean_name(f"{word} {beside}") == ""
    assert clean_name(f"{word} {beside} Northwind") != ""
    assert clean_name(beside) == beside


@pytest.mark.parametrize(
    ("domain", "plain"),
    [("a1b.com", "alb.com"), ("A0-B.com", "aob.com"), ("rnvv.com", "mw.com"), ("l0l.com", "lol.com"), (None, "")],
)
def test_letters_that_look_alike_in_a_domain_are_one(domain: str | None, plain: str) -> None:
    assert plain_domain(domain) == plain


@pytest.mark.parametrize(("number", "normal"), [("４１７", "417"), ("00417", "417"), ("0X17", "X17")])
def test_invoice_number_is_compared_without_width_and_leading_zeros(number: str, normal: str) -> None:
    assert normal_form(number) == normal


def test_list_in_the_middle_is_cut_and_what_went_is_counted() -> None:
    kept = list(range(300))
    assert trim(kept) == 100
    assert kept == [*range(20), *range(120, 300)]
    assert (trim(kept), len(kept)) == (0, 200)
    assert (trim(kept, 40), kept[19:21]) == (160, [19, 280])


def test_without_any_list_screening_is_partial_and_none_is_shared() -> None:
    assert (InForce().partial, InForce().shared) == (True, ())
    both = tuple(ListInForce(owner, "L", "1", 1, 0) for owner in ("*", "acme"))
    assert InForce(both).shared == both[:1]


def test_amounts_are_exact_to_80_digits() -> None:
    assert EXACT.prec == 80


def test_name_of_an_alert_is_the_same_for_ever_and_of_any_text() -> None:
    assert alert_id("acme", "payee", "V1", "account", "x") == "al_24cb06858ef60e05984d6ab4db91583e"
    assert alert_id("acme", "payee", "\ud800", "account", "x").startswith("al_")


def test_record_that_is_no_sighting_is_tallied() -> None:
    run = SharedPartition().begin()
    for n in range(2):
        run.apply(LogRecord(n, 0, None, b"{}"))
    assert run.tallies == {("dead_letter", "schema_violation"): 2}


def test_last_eight_changes_of_contacts_are_kept() -> None:
    t = Tale()
    t.pay("V1")
    for n in range(10):
        t.add("payee.change.v1", n * DAY, {"change": "contact", "payee": payee("V1")})
    first, *_, last = contacts = state_after(t).get(PayeeRecord, "V1").contacts
    assert (len(contacts), last - first) == (8, 7 * DAY)


def test_signal_of_an_entry_that_is_gone_names_it_alone_and_tells_when() -> None:
    t = Tale()
    t.listed(entry("L1", "Somebody Listed", wallets=[ADDRESS]))
    t.request("C1", at=DAY)
    t.listed(version="2", at=2 * DAY)
    t.pay("E9", at=3 * DAY)
    (signal,) = (one for one in t.play().signals if "was removed from its list" in one["title"])
    assert [(e["kind"], e["id"]) for e in signal["entities"]] == [("list_entry", "L1")]
    assert signal["first_event_at"] == signal["last_event_at"]
    assert signal["created_at"] == signal["updated_at"]
