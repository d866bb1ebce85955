"""Q2: numbers that cannot be right."""

from tests.scenarios.build import Tale, account
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a number that cannot exist": "eight-digits",
}


@fires(25)
def check_digit_one_off(t: Tale) -> None:
    t.pay("V1", account("a", bank_id="021000022"))


@silent()
def right_check_digit(t: Tale) -> None:
    t.pay("V1", account("a", bank_id="021000021"))


@silent()
def right_check_digit_of_all_digits(t: Tale) -> None:
    """3 x (1 + 4 + 7) + 7 x (2 + 5 + 8) + 3 + 6 + 0 = 150."""
    t.pay("V1", account("a", bank_id="123456780"))


@fires(25)
def eight_digits(t: Tale) -> None:
    t.pay("V1", account("a", bank_id="02100002"))


@fires(25)
def routing_number_with_a_letter(t: Tale) -> None:
    t.pay("V1", account("a", bank_id="02100002A"))


@fires(25)
def routing_number_with_other_digits(t: Tale) -> None:
    t.pay("V1", account("a", bank_id="02100002١"))


@fires(25)
def number_found_invalid(t: Tale) -> None:
    t.change("V1", account("a", bank_id="021000021", number_check="invalid"))


@fires(25)
def asked_for_to_an_invalid_account(t: Tale) -> None:
    data = {
        "request_id": "R1",
        "payee": {"payee_id": "C1", "kind": "contractor"},
        "method": "bank",
        "amount": {"value": "10.00", "currency": "USD"},
        "account": account("a", bank_id="021000022"),
    }
    t.add("payout.request.v1", 0, data)


@silent()
def number_not_checked(t: Tale) -> None:
    t.pay("V1", account("a", number_check="not_checked"))


@silent()
def bank_id_of_another_scheme(t: Tale) -> None:
    t.pay("V1", account("a", scheme="iban", country="DE", bank_id="TSTBDE2X"))
