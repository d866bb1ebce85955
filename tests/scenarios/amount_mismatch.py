"""Q4: amounts that cannot be right."""

from tests.scenarios.build import Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "zeros at the end": "yen-with-zeros",
}


@fires(25)
def yen_with_cents(t: Tale) -> None:
    t.pay("V1", amount="350000.50", currency="JPY")


@silent()
def yen_with_zeros(t: Tale) -> None:
    t.pay("V1", amount="350000.00", currency="JPY")


@fires(25)
def dollars_with_three_decimals(t: Tale) -> None:
    t.pay("V1", amount="10.001")


@silent()
def dollars_with_two_decimals(t: Tale) -> None:
    t.pay("V1", amount="10.010")


@silent()
def dinars_with_three_decimals(t: Tale) -> None:
    t.pay("V1", amount="10.125", currency="KWD")


@fires(25)
def dinars_with_four_decimals(t: Tale) -> None:
    t.pay("V1", amount="10.1255", currency="KWD")


@silent()
def currency_not_known(t: Tale) -> None:
    t.pay("V1", amount="10.1255", currency="QQQ")


@fires(25)
def request_with_three_decimals(t: Tale) -> None:
    t.request("C1", amount="10.001")


@fires(25)
def file_whose_sums_differ(t: Tale) -> None:
    t.pay("V1", batch={"id": "B1", "control": "mismatch"})


@silent()
def file_whose_sums_agree(t: Tale) -> None:
    t.pay("V1", batch={"id": "B1", "control": "ok"})
