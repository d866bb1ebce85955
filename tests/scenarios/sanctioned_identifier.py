"""S1: a listed wallet or identifier."""

from tests.scenarios.build import ADDRESS, DAY, Tale, account, entry, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a number that was reused": "same-number-of-another-scheme",
    "a list entry in error": "entry-removed",
}

LISTED = entry("L1", "Somebody Listed", wallets=[ADDRESS], ids=[{"scheme": "passport", "value": "ab 12-3"}])


@fires(100)
def listed_wallet(t: Tale) -> None:
    t.listed(LISTED)
    t.request("C1", at=DAY)


@fires(100)
def listed_wallet_in_small_letters(t: Tale) -> None:
    t.listed(entry("L1", "Somebody Listed", wallets=[ADDRESS.lower()]))
    t.request("C1", at=DAY)


@fires(100)
def listed_wallet_in_the_remittance(t: Tale) -> None:
    t.listed(LISTED)
    t.pay("V1", at=DAY, purpose={"remittance": f"invoice 7, pay to {ADDRESS} please"})


@fires(100)
def listed_passport_in_other_spelling(t: Tale) -> None:
    t.listed(LISTED)
    t.pay(payee("E1", ids=[{"scheme": "passport", "value": "AB12 3"}]), at=DAY)


@fires(100)
def listed_bank(t: Tale) -> None:
    t.listed(entry("L1", "A Bank", "organisation", ids=[{"scheme": "bic", "value": "TESTRUMM"}]))
    t.pay("V1", account("a", bank_id="TESTRUMM"), at=DAY)


@fires(100)
def listed_wallet_after_update(t: Tale) -> None:
    t.request("C1")
    t.listed(LISTED, at=DAY)
    t.pay("E9", at=2 * DAY)


@fires(100)
def last_seen_400_days_before_the_update(t: Tale) -> None:
    t.request("C1")
    t.listed(LISTED, at=400 * DAY)
    t.pay("E9", at=400 * DAY)


@silent()
def last_seen_more_than_400_days_before_the_update(t: Tale) -> None:
    t.request("C1")
    t.listed(LISTED, at=400 * DAY + 1)
    t.pay("E9", at=400 * DAY + 1)


@silent()
def unlisted_wallet(t: Tale) -> None:
    t.listed(entry("L1", "Somebody Listed", wallets=["0x52908400098527886E0F7030069857D2E4169EE7"]))
    t.request("C1", at=DAY)


@silent()
def same_number_of_another_scheme(t: Tale) -> None:
    t.listed(LISTED)
    t.pay(payee("E1", ids=[{"scheme": "tax", "value": "AB123"}]), at=DAY)


@silent()
def entry_removed(t: Tale) -> None:
    t.listed(LISTED)
    t.listed(version="2", at=DAY)
    t.request("C1", at=2 * DAY)
