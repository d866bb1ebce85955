"""D2: payments by bank that are for crypto."""

from tests.scenarios.build import ADDRESS, DAY, Tale, account, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a company treasury that buys crypto": "treasury-buys-crypto",
    "pay through a provider that the policy approves": "approved-provider-at-an-exchange",
}

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
ALLOWED = {"allowed": True, "providers": ["provider"]}


@fires(45)
def purpose_code_of_crypto(t: Tale) -> None:
    t.pay("E1", purpose={"code": "CRYP"})


@fires(45)
def category_code_of_crypto(t: Tale) -> None:
    t.pay("E1", purpose={"category_code": "CRYP"})


@fires(45)
def purpose_code_by_an_approved_provider(t: Tale) -> None:
    """The approval covers the account, not the purpose."""
    t.policy(crypto=ALLOWED)
    t.pay("E1", account("x", scheme="vasp", bank_name="provider"), purpose={"code": "CRYP"})


@silent()
def another_purpose_code(t: Tale) -> None:
    t.pay("E1", purpose={"code": "SALA", "category_code": "SALA", "remittance": "bitcoin wallet CRYP"})


@fires(45)
def address_in_the_text(t: Tale) -> None:
    t.pay("V1", purpose={"remittance": f"invoice 7 to {GENESIS}, thank you"})


@fires(45)
def mixed_case_hexadecimal_address_in_the_text(t: Tale) -> None:
    t.pay("V1", purpose={"remittance": ADDRESS})


@silent()
def address_with_one_wrong_letter(t: Tale) -> None:
    t.pay("V1", purpose={"remittance": f"invoice 7 to {GENESIS[:-1]}b"})


@silent(noted=10)
def address_without_a_checksum(t: Tale) -> None:
    t.pay("V1", purpose={"remittance": ADDRESS.lower()})


@silent()
def payment_by_a_crypto_rail(t: Tale) -> None:
    t.pay("E1", rail="crypto", purpose={"code": "CRYP"})


@fires(45)
def account_at_an_exchange(t: Tale) -> None:
    t.pay("E1", account("x", scheme="vasp"))


@fires(45)
def bank_that_serves_exchanges(t: Tale) -> None:
    t.policy(vasp_banks=["TSTBUS2X"])
    t.pay("E1", account("x", bank_id="TSTBUS2X"))


@silent()
def bank_that_serves_no_exchange(t: Tale) -> None:
    t.policy(vasp_banks=["TSTBUS2X"])
    t.pay("E1", account("x", bank_id="TSTBUS3X"))


@fires(45)
def approved_provider_where_crypto_is_forbidden(t: Tale) -> None:
    t.policy(crypto=ALLOWED | {"allowed": False})
    t.pay("E1", account("x", scheme="vasp", bank_name="provider"))


@silent()
def approved_provider_at_an_exchange(t: Tale) -> None:
    t.policy(crypto=ALLOWED, vasp_banks=["TSTBUS2X"])
    t.pay("E1", account("x", scheme="vasp", bank_name="provider", bank_id="TSTBUS2X"))


@silent()
def approved_provider_in_the_wallet_block(t: Tale) -> None:
    t.policy(crypto=ALLOWED)
    t.pay("E1", account("x", scheme="vasp", bank_name="Bank", wallet={"provider": "provider"}))


def _moved(t: Tale) -> int:
    """A payee of long standing; the time of the next pay."""
    return t.history("E1", 4)


@fires(65)
def exchange_account_just_changed(t: Tale) -> None:
    """The changed account itself is reported, with 60."""
    at = _moved(t)
    t.pay("E1", account("x", scheme="vasp"), at=at)


@fires(65)
def exchange_account_changed_just_at_alert_level(t: Tale) -> None:
    """Change 20, name check match -10, from a bank to an exchange 15: 25."""
    at = _moved(t)
    t.pay("E1", account("x", scheme="vasp", name_check={"status": "match"}), at=at)


@fires(45)
def exchange_account_changed_and_verified(t: Tale) -> None:
    """The change scores 5, under alert level."""
    at = _moved(t)
    verification = {"method": "callback", "status": "passed", "by": "u2"}
    t.change("E1", account("x", scheme="vasp"), at=at, verification=verification)
    t.pay("E1", account("x", scheme="vasp"), at=at + 5 * DAY)


@fires(45)
def exchange_account_changed_in_shadow(t: Tale) -> None:
    """A shadowed finding lifts nothing."""
    t.policy(rules={"changed-account": {"mode": "shadow"}})
    at = _moved(t)
    t.pay("E1", account("x", scheme="vasp"), at=at)


@silent()
def treasury_buys_crypto(t: Tale) -> None:
    t.pay(payee("V1", flags=["vasp_treasury"]), account("x", scheme="vasp"), "95000.00", purpose={"code": "CRYP"})


@silent()
def trusted_account_at_an_exchange(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-x", "kind": "treasury"}])
    t.pay("V1", account("x", scheme="vasp"), purpose={"code": "CRYP", "remittance": GENESIS})
