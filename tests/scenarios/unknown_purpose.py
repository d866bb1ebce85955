"""Q5: purpose codes."""

from tests.scenarios.build import Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a code that ISO published after the shipped edition of the sets": "code-that-does-not-exist",
}


@fires(25)
def code_that_does_not_exist(t: Tale) -> None:
    t.pay("V1", purpose={"code": "ZZ9"})


@fires(25)
def category_that_does_not_exist(t: Tale) -> None:
    """A purpose, but no category."""
    t.pay("V1", purpose={"code": "SALA", "category_code": "RENT"})


@fires(25)
def code_in_small_letters(t: Tale) -> None:
    t.pay("V1", purpose={"code": "sala"})


@silent()
def salary(t: Tale) -> None:
    t.pay("E1", purpose={"code": "SALA", "category_code": "SALA"})


@silent()
def crypto_assets(t: Tale) -> None:
    t.pay("E1", purpose={"code": "CRYP", "category_code": "CRYP"})


@silent()
def no_code(t: Tale) -> None:
    t.pay("E1", purpose={"remittance": "wages"})
