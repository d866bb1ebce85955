"""S2: a listed name. The tables of verdicts are tested with the screening itself; here the way from event to alert."""

from tests.scenarios.build import DAY, Json, Tale, account, entry, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "namesakes": "namesake-cleared-by-birth-date",
    "short names of few syllables": "short-syllables-that-differ",
    "A verified date of birth clears them": "namesake-cleared-by-birth-date",
    "an allow entry silences one payee and entry": "namesake-that-an-analyst-allowed",
    "until the entry changes": "allowed-namesake-whose-entry-changed",
}

FIRM = entry("L1", "Shenyang Geumpungri Network Technology Co., Ltd", "organisation", countries=["CN"])
PERSON = entry("L2", "ANDREYEV, Vitaliy", dob=["1976"], countries=["RU"])


def _worker(name: str, **more: object) -> Json:
    return payee("E1", name=name, **more)


@fires(90)
def listed_firm_abbreviated(t: Tale) -> None:
    """All tokens explained (Tech is technology), in the listed country."""
    t.listed(FIRM)
    t.pay(payee("V1", name="SHENYANG GEUMPUNGRI NETWORK TECH") | {"country": "CN"}, at=DAY)


@fires(65)
def listed_firm_without_corroboration(t: Tale) -> None:
    t.listed(FIRM)
    t.pay(payee("V1", name="Shenyang Geumpungri Network Technology"), at=DAY)


@fires(90)
def country_of_the_account_corroborates(t: Tale) -> None:
    t.listed(FIRM)
    t.pay(payee("V1", name="Shenyang Geumpungri Network Technology"), account("a") | {"country": "CN"}, at=DAY)


@fires(65)
def listed_holder_of_the_account(t: Tale) -> None:
    t.listed(PERSON)
    t.pay(_worker("Somebody Else"), account("a", holder_name="Vitaliy Andreyev"), at=DAY)


@fires(65)
def listed_person_after_update(t: Tale) -> None:
    t.pay(_worker("Vitaliy Andreyev"))
    t.listed(PERSON, at=DAY)


@fires(90)
def birth_year_one_off_corroborates(t: Tale) -> None:
    t.listed(PERSON)
    t.pay(_worker("Vitaliy Andreyev", dob="1977-12-31", dob_verified=True), at=DAY)


@silent(noted=10)
def namesake_cleared_by_birth_date(t: Tale) -> None:
    """Two years off, and verified."""
    t.listed(PERSON)
    t.pay(_worker("Vitaliy Andreyev", dob="1978-01-01", dob_verified=True), at=DAY)


@fires(65)
def birth_date_not_verified_clears_nothing(t: Tale) -> None:
    t.listed(PERSON)
    t.pay(_worker("Vitaliy Andreyev", dob="1990-01-01"), at=DAY)


@fires(65)
def birth_date_that_the_policy_does_not_use(t: Tale) -> None:
    t.policy(screen_dob=False)
    t.listed(PERSON)
    t.pay(_worker("Vitaliy Andreyev", dob="1990-01-01", dob_verified=True), at=DAY)


@silent()
def one_token_in_common(t: Tale) -> None:
    t.listed(PERSON)
    t.pay(_worker("Anna Andreyev"), at=DAY)


@silent()
def short_syllables_that_differ(t: Tale) -> None:
    t.listed(entry("L3", "KIM, Ung Sun", countries=["KP"]))
    t.pay(_worker("Kim Un Sung"), at=DAY)


@silent()
def firm_with_the_name_of_a_listed_person(t: Tale) -> None:
    t.listed(PERSON)
    t.pay(payee("V1", name="Vitaliy Andreyev"), at=DAY)


@silent(noted=65)
def namesake_that_an_analyst_allowed(t: Tale) -> None:
    t.listed(PERSON)
    t.allow("sanctioned-name", "payee", "E1", list_entry="L2")
    t.pay(_worker("Vitaliy Andreyev"), at=DAY)


@fires(65)
def allowed_namesake_whose_entry_changed(t: Tale) -> None:
    namesake_that_an_analyst_allowed(t)
    t.listed(PERSON | {"dob": ["1976", "1977"]}, version="2", at=2 * DAY)
    t.pay(_worker("Vitaliy Andreyev"), at=3 * DAY)
