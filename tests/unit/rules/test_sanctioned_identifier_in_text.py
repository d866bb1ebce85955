"""Listed wallets in the text of a payment: however they are written, the list itself proves them."""

import pytest

from tests.scenarios.build import ADDRESS, Tale, entry

LISTED = ADDRESS


@pytest.mark.parametrize(
    "written", [LISTED, LISTED.lower(), "0x" + LISTED[2:].upper(), LISTED.swapcase().replace("X", "x")]
)
def test_listed_address_in_the_text_of_a_payment_is_found_without_a_checksum_too(written: str) -> None:
    t = Tale()
    t.listed(entry("L1", "SOMEBODY", wallets=[LISTED.lower()]))
    t.pay("E1", "one", purpose={"remittance": f"please pay to {written}, thanks"})
    played = t.play()
    assert played.score("sanctioned-identifier") == 100


@pytest.mark.parametrize("written", [LISTED.lower()[:-1], LISTED.lower()[:-1] + "e", "0x" + "1" * 40, "words alone"])
def test_address_that_is_not_listed_or_cut_short_is_not(written: str) -> None:
    t = Tale()
    t.listed(entry("L1", "SOMEBODY", wallets=[LISTED.lower()]))
    t.pay("E1", "one", purpose={"remittance": f"please pay to {written}"})
    assert t.play().score("sanctioned-identifier") is None
