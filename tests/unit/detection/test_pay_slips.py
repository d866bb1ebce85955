"""What a pay says beside its amount, as payroll rules keep it; and who verified what."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from sluicegate.detection.creation import creation, verified
from sluicegate.detection.payslips import NONE, SOME, day_number, day_of, pay_slip
from sluicegate.wire.blocks import Verification
from sluicegate.wire.events import PayeeChange, Payment
from sluicegate.wire.scalars import dec_hook
from tests.scenarios.build import Tale

UNTOUCHED = {"gross": "1000", "net": "1000", "deductions_total": "0", "hourly": False}


def payment(**more: Any) -> Payment:
    return msgspec.convert(Tale().pay("E1", **more)["data"], Payment, dec_hook=dec_hook)


def test_days_are_counted_from_1970() -> None:
    assert day_number("1970-01-01") == 0
    assert day_number(date(1970, 2, 1)) == 31
    assert day_number(None) is None
    assert day_of(31) == date(1970, 2, 1)


def test_period_run_and_group_are_kept_and_the_usual_ones_left_out() -> None:
    schedule = {"period_start": "1970-01-02", "period_end": "1970-01-15", "run_type": "off_cycle", "pay_group": "g"}
    slip = pay_slip(payment(schedule=schedule))
    assert (slip.first_day, slip.last_day, slip.run_type, slip.group) == (1, 14, "off_cycle", "g")
    slip = pay_slip(payment(schedule={"run_type": "regular", "pay_group": "default"}))
    assert (slip.first_day, slip.last_day, slip.run_type, slip.group) == (None, None, None, None)


@pytest.mark.parametrize("kind", ["severance", "final", "commission", "retro", "leave_payout"])
def test_components_paid_on_leaving_are_known(kind: str) -> None:
    components = [{"type": "regular", "amount": "1"}, {"type": kind, "amount": "1"}]
    assert pay_slip(payment(purpose={"components": components})).leaving is True
    assert pay_slip(payment(purpose={"components": components[:1]})).leaving is False
    assert pay_slip(payment()).leaving is False


@pytest.mark.parametrize(
    ("change", "deductions"),
    [
        ({}, NONE),
        ({"net": "999.99"}, SOME),
        ({"deductions_total": "0.01"}, SOME),
        ({"hourly": True}, NONE),
        ({"hourly": True, "hours": "0"}, NONE),
        ({"hourly": True, "hours": "1"}, SOME),
        ({"hours": "80"}, NONE),
        ({"leave_hours": "0"}, NONE),
        ({"leave_hours": "0.5"}, SOME),
        ({"gross": None}, 0),
        ({"net": None}, 1),
        ({"deductions_total": None}, 2),
        ({"hourly": None}, 3),
        ({"gross": None, "hourly": None}, 0),
    ],
)
def test_pay_is_untouched_only_where_every_field_says_so(change: dict[str, Any], deductions: int) -> None:
    purpose = {name: value for name, value in (UNTOUCHED | change).items() if value is not None}
    assert pay_slip(payment(purpose=purpose)).deductions == deductions


@pytest.mark.parametrize(
    ("method", "status", "by", "counts"),
    [
        ("callback", "passed", "other", True),
        ("micro_deposit", "passed", "other", True),
        ("vop", "passed", "other", True),
        ("bank_confirmation", "passed", "other", True),
        ("document", "passed", "other", False),
        ("callback", "failed", "other", False),
        ("callback", "passed", "u", False),
        ("callback", "passed", None, False),
    ],
)
def test_verification_counts_by_method_outcome_and_a_second_person(
    method: str, status: str, by: str | None, counts: bool
) -> None:
    assert verified(Verification(method=method, status=status, by=by), "u") is counts
    assert verified(None, "u") is False


def test_creation_tells_who_and_whether_verified_and_nothing_of_an_import() -> None:
    def made(**more: Any) -> Any:
        return creation(msgspec.convert(Tale().created("V1", "a", **more)["data"], PayeeChange, dec_hook=dec_hook))

    plain = made(actor={"user_id": "u"}, verification={"method": "callback", "status": "passed", "by": "other"})
    assert (plain.user, plain.verified) == ("u", True)
    assert (made().user, made().verified) == (None, False)
    assert made(bootstrap=True) is None


def test_pay_without_a_purpose_does_not_tell_of_deductions() -> None:
    assert (pay_slip(payment()).deductions, pay_slip(payment()).leaving) == (0, False)
