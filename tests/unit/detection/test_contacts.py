"""Payees of one phone or residence."""

from __future__ import annotations

import pytest

from sluicegate.detection import contacts
from sluicegate.detection.vendor_records import ContactRecord
from tests.scenarios.build import DAY, Tale, payee
from tests.unit.detection.test_view import view_of


def _payees(tale: Tale, id: str) -> list[str] | None:
    held = view_of(tale, DAY).state.get(ContactRecord, id)
    return held.payees if held is not None else None


def test_payee_is_kept_once_and_leaves_with_a_new_phone() -> None:
    tale = Tale()
    tale.pay(payee("E1", phone_hash="p", residence_hash="r"))
    tale.pay(payee("E1", phone_hash="p"), at=1)
    tale.pay(payee("V1", phone_hash="p"), at=2)
    assert _payees(tale, "phone\np") == ["E1", "V1"]
    assert _payees(tale, "residence\nr") == ["E1"]
    tale.pay(payee("E1", phone_hash="q"), at=3)
    tale.pay(payee("V1", phone_hash="q"), at=4)
    assert _payees(tale, "phone\np") is None
    assert _payees(tale, "phone\nq") == ["E1", "V1"]


def test_most_recent_payees_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "MAX_PAYEES", 2)
    tale = Tale()
    for n in range(3):
        tale.pay(payee(f"E{n}", phone_hash="p"), at=n)
    assert _payees(tale, "phone\np") == ["E1", "E2"]
    tale.pay(payee("E0", phone_hash="q"), at=4)
    assert _payees(tale, "phone\np") == ["E1", "E2"]
