"""Q1: the descriptor of wages."""

from sluicegate.wire.scalars import parse_time
from tests.scenarios.build import START, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "credits to persons that are no wages": "payment-of-a-vendor",
}

FIRST_DAY = (parse_time("2026-03-20T00:00:00Z") or 0) - START


def _pay(t: Tale, at: int = FIRST_DAY, who: str = "E1", sec_code: str = "PPD", **schedule: str) -> None:
    t.pay(who, at=at, schedule={"sec_code": sec_code, **schedule})


@fires(25)
def no_descriptor_on_the_first_day(t: Tale) -> None:
    _pay(t)


@silent()
def no_descriptor_the_day_before(t: Tale) -> None:
    _pay(t, FIRST_DAY - 1)


@fires(25)
def another_descriptor(t: Tale) -> None:
    _pay(t, entry_descriptor="SALARY")


@fires(25)
def descriptor_cut_by_a_letter(t: Tale) -> None:
    _pay(t, entry_descriptor="PAYROL 06")


@silent()
def descriptor_in_small_letters(t: Tale) -> None:
    _pay(t, entry_descriptor="Payroll 06")


@silent()
def another_sec_code(t: Tale) -> None:
    _pay(t, sec_code="CCD")


@silent()
def payment_of_a_vendor(t: Tale) -> None:
    _pay(t, who="V1")
