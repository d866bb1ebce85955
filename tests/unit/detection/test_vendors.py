"""The index of paid vendors: nothing similar is passed over, and it follows what vendors are called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import JaroWinkler

from sluicegate.detection import vendors
from sluicegate.detection.records import PayeeRecord, Profile
from sluicegate.detection.vendor_records import VendorSegment
from sluicegate.detection.vendors import clean_name, first_amounts, note_vendor, similar_domains, similar_names
from tests.scenarios.build import DAY, HOUR, Tale, payee
from tests.unit.detection.test_view import view_of

NAMES = st.lists(st.text("abcde 1", min_size=1, max_size=14), min_size=1, max_size=12)


def _record(name: str) -> PayeeRecord:
    return PayeeRecord(Profile("vendor", name))


@settings(deadline=None, max_examples=200)
@given(NAMES, st.text("abcde 1", min_size=1, max_size=14), st.sampled_from([0.5, 0.8, 0.92, 1.0]))
def test_search_finds_what_comparing_with_each_finds(names: list[str], query: str, least: float) -> None:
    view = view_of(_nobody(), 0)
    for n, name in enumerate(names):
        note_vendor(view.state, f"V{n}", _record(name))
    wanted = clean_name(query)
    found = dict(similar_names(view, wanted, least))
    scores = {
        f"V{n}": JaroWinkler.similarity(wanted, clean_name(name)) for n, name in enumerate(names) if clean_name(name)
    }
    assert found == {id: score for id, score in scores.items() if wanted and score >= least - 1e-9}


def _nobody() -> Tale:
    tale = Tale()
    tale.policy()
    return tale


def test_vendors_of_several_segments_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "SEGMENT", 2)
    tale = Tale()
    for n in range(5):
        tale.pay(payee(f"V{n}", name=f"Northwind {'abcde'[n]}"), at=n)
    tale.pay(payee("V1", name="Halvorsen"), at=10)
    view = view_of(tale, HOUR)
    assert [id for id, _ in similar_names(view, "northwind", 0.9)] == ["V0", "V2", "V3", "V4"]
    assert [id for id, _ in similar_names(view, "halvorsen", 0.9)] == ["V1"]


def test_vendor_without_a_name_is_similar_to_nobody() -> None:
    tale = Tale()
    tale.pay("V1")
    tale.pay(payee("V2", name="Co. Ltd"))
    assert list(similar_names(view_of(tale, HOUR), "a", 0.1)) == []


def test_vendor_leaves_the_domain_that_it_gave_up() -> None:
    tale = Tale()
    tale.pay(payee("V1", email_domain="north-wind.example"))
    assert list(similar_domains(view_of(tale, 1), "northwind.example")) == [("V1", "north-wind.example")]
    tale.pay(payee("V1", email_domain="other.example"), at=1)
    assert list(similar_domains(view_of(tale, 2), "northwind.example")) == []


def test_long_names_of_any_script_are_kept() -> None:
    tale = Tale()
    tale.pay(payee("V1", name="王" * 256))
    assert list(similar_names(view_of(tale, HOUR), clean_name("王" * 256), 0.99)) == [("V1", 1.0)]


def test_first_payments_of_vendors_only_in_order_of_time() -> None:
    tale = Tale()
    tale.pay("V2", amount="20.00", at=DAY)
    tale.pay("V1", amount="10.00", at=HOUR)
    tale.pay("V1", amount="11.00", at=2 * HOUR)
    tale.pay("E1", amount="12.00")
    tale.created("V3", "V3", bootstrap=True)
    tale.pay("V3", amount="13.00", at=DAY)
    tale.pay("V4", amount="14.00", currency="EUR")
    assert first_amounts(view_of(tale, 2 * DAY)) == ["10.00", "20.00"]
    assert first_amounts(view_of(tale, DAY)) == ["10.00"]


def test_most_recent_first_payments_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "MAX_FIRST", 2)
    tale = Tale()
    for n in range(3):
        tale.pay(f"V{n}", amount=f"{n + 1}.00", at=n)
    assert first_amounts(view_of(tale, DAY)) == ["2.00", "3.00"]


def test_employees_are_not_searched_among_vendors() -> None:
    tale = Tale()
    tale.pay(payee("E1", name="Northwind", email_domain="north-wind.example"))
    tale.pay(payee("V1", name="Halvorsen"), at=1)
    view = view_of(tale, HOUR)
    assert list(similar_names(view, "northwind", 0.9)) == []
    assert list(similar_domains(view, "northwind.example")) == []
    assert view.known("E1").vendor is None


def test_name_that_becomes_known_later_takes_the_vendors_place() -> None:
    tale = Tale()
    tale.pay("V1")
    tale.pay(payee("V2", name="Halvorsen"), at=1)
    tale.pay(payee("V1", name="Northwind"), at=2)
    tale.pay(payee("V2", name="Eastwind"), at=3)
    view = view_of(tale, HOUR)
    found = {name: [id for id, _ in similar_names(view, name, 0.95)] for name in ("northwind", "halvorsen", "eastwind")}
    assert found == {"northwind": ["V1"], "halvorsen": [], "eastwind": ["V2"]}


def test_segment_that_is_missing_hides_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "SEGMENT", 1)
    tale = Tale()
    for n in range(3):
        tale.pay(payee(f"V{n}", name="Northwind"), at=n)
    view = view_of(tale, HOUR)
    view.state.delete(VendorSegment, "1")
    assert [id for id, _ in similar_names(view, "northwind", 0.9)] == ["V0", "V2"]


def test_new_name_of_one_vendor_leaves_those_beside_it() -> None:
    tale = Tale()
    for n, name in enumerate(("Northwind", "Halvorsen", "Eastwind")):
        tale.pay(payee(f"V{n}", name=name), at=n)
    tale.pay(payee("V1", name="Umbrella"), at=5)
    tale.pay(payee("V0", name="Quagga"), at=6)
    view = view_of(tale, HOUR)
    found = {name: [id for id, _ in similar_names(view, name, 0.95)] for name in ("quagga", "umbrella", "eastwind")}
    assert found == {"quagga": ["V0"], "umbrella": ["V1"], "eastwind": ["V2"]}
