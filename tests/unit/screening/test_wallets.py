"""Wallet addresses: public test vectors of the four checksums, each with a broken twin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.screening.wallets import find_addresses, has_valid_checksum, wallet_id

# Bitcoin: genesis block, a known donation address; BIP 173, BIP 350 vectors; EIP-55 vectors; a TRON token contract
VALID = [
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "P2PKH"),
    ("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "P2SH"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bech32"),
    ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bech32 in capitals"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bech32m"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "EIP-55"),
    ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "EIP-55"),
    ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TRON"),
]
INVALID = [
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "last letter changed"),
    ("1a1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "base58 is case-sensitive"),
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", "0 is no base58 letter"),
    ("LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", "another chain's version byte"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bech32 checksum"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3t4", "bech32 of mixed case"),
    ("bc1qw508d6qejxtdg4y5r3zarvaryvg6kdaj", "version 0 with 16 bytes"),
    ("bc1", "a prefix"),
    ("bc1" + "q" * 87, "too long"),
    ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "test network"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "version 1 needs bech32m"),
    ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "lower case: no checksum to check"),
    ("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", "upper case: likewise"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "one letter's case changed"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "39 digits"),
    ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "TRON checksum"),
    ("bitcoin", "a word"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("address", "reason"), VALID)
def test_valid_address_is_found_in_text(address: str, reason: str) -> None:
    found = find_addresses(f"invoice 77 pay to({address}) thanks")
    assert has_valid_checksum(address)
    assert found == (wallet_id(address),)


@pytest.mark.parametrize(("address", "reason"), INVALID, ids=[row[1] for row in INVALID])
def test_address_without_valid_checksum_is_not_found(address: str, reason: str) -> None:
    assert not has_valid_checksum(address)
    assert find_addresses(f"pay {address} now") == ()


@pytest.mark.parametrize("frame", ["x{}", "{}x", "9{}", "{}9"])
def test_address_inside_a_longer_word_is_not_found(frame: str) -> None:
    assert find_addresses(frame.format("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")) == ()


def test_addresses_come_once_and_in_text_order() -> None:
    one, two = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    assert find_addresses(f"{one}/{two},{one}付{two}") == (one, two)


@pytest.mark.parametrize(
    ("address", "tag", "identity"),
    [
        ("0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359", None, "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"),
        ("0XAB", None, "0XAB"),
        ("rAbC", "7", "rAbC#7"),
        ("rAbC", "", "rAbC"),
        ("rabc", None, "rabc"),
    ],
)
def test_wallet_identity(address: str, tag: str | None, identity: str) -> None:
    assert wallet_id(address, tag) == identity


@given(st.text() | st.from_regex(r"(0x|bc1|[13T])[0-9A-Za-z]{20,60}"))
def test_search_never_raises_and_finds_only_valid_addresses(text: str) -> None:
    assert all(address.startswith("0x") or has_valid_checksum(address) for address in find_addresses(text))
    has_valid_checksum(text)
