"""Wallet addresses: which are the same, and which are real enough to act on when found in free text."""

import re
from functools import lru_cache

import base58
from bech32 import CHARSET, bech32_hrp_expand, bech32_polymod, convertbits
from eth_hash.auto import keccak

BITCOIN_VERSIONS = frozenset({0x00, 0x05})
TRON_VERSIONS = frozenset({0x41})
_HASH_BYTES = 20
_BECH32, _BECH32M = 1, 0x2BC830A3  # what the checksum leaves: witness version 0, and every later one
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z])"
    r"(?:[13T][1-9A-HJ-NP-Za-km-z]{24,34}|bc1[02-9ac-hj-np-z]{6,87}|BC1[02-9AC-HJ-NP-Z]{6,87}|0x[0-9A-Fa-f]{40})"
    r"(?![0-9A-Za-z])"
)


def address_id(address: str) -> str:
    """The form in which addresses are compared: `0x` ones in lower case, all others exactly as written.

    >>> address_id("0xAbC"), address_id("1AbC")
    ('0xabc', '1AbC')
    """
    return address.lower() if address.startswith("0x") else address


def wallet_id(address: str, tag: str | None = None) -> str:
    """Identity of a wallet: the address, with `#tag` where a tag tells customers of one address apart.

    >>> wallet_id("rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", "77"), wallet_id("0xAB", "")
    ('rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh#77', '0xab')
    """
    return f"{address_id(address)}#{tag}" if tag else address_id(address)


def is_bitcoin_base58(address: str) -> bool:
    """Base58Check with version 0x00 (P2PKH) or 0x05 (P2SH).

    >>> is_bitcoin_base58("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), is_bitcoin_base58("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")
    (True, False)
    """
    return _base58check(address, BITCOIN_VERSIONS)


def is_tron(address: str) -> bool:
    """Base58Check with version 0x41, which makes the first letter a T.

    >>> is_tron("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"), is_tron("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u")
    (True, False)
    """
    return _base58check(address, TRON_VERSIONS)


def is_bitcoin_segwit(address: str) -> bool:
    """bech32 (version 0) or bech32m (version 1 and above) with the prefix bc; BIP 173 and 350.

    >>> is_bitcoin_segwit("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
    True
    >>> is_bitcoin_segwit("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5")
    False
    """
    prefix, data = address[:3].lower(), address[3:]
    if prefix != "bc1" or len(address) > 90 or address not in (address.lower(), address.upper()):
        return False
    values = [CHARSET.find(char) for char in data.lower()]
    if len(values) < 7 or -1 in values:
        return False
    version, program = values[0], convertbits(values[1:-6], 5, 8, False)
    if (
        version > 16
        or program is None
        or not 2 <= len(program) <= 40
        or (version == 0 and len(program) not in (20, 32))
    ):
        return False
    # the library's own decoder knows the older checksum only
    remainder: int = bech32_polymod(bech32_hrp_expand("bc") + values)
    return remainder == (_BECH32M if version else _BECH32)


def is_ethereum_checksummed(address: str) -> bool:
    """Mixed-case hex that passes EIP-55: a letter is a capital where Keccak-256 of the lower-case hex has 8 or more.

    >>> is_ethereum_checksummed("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    True
    >>> is_ethereum_checksummed("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")  # one case only: no checksum
    False
    """
    digits = address[2:]
    if not re.fullmatch("[0-9A-Fa-f]{40}", digits) or not address.startswith("0x"):
        return False
    lower = digits.lower()
    if digits in (lower, digits.upper()):
        return False
    check = keccak(lower.encode()).hex()[: len(lower)]
    cased = (low.upper() if nibble > "7" else low for low, nibble in zip(lower, check, strict=True))
    return digits == "".join(cased)


def has_valid_checksum(address: str) -> bool:
    """Whether the address proves itself in one of the four formats."""
    if address.startswith("0x"):
        return is_ethereum_checksummed(address)
    if address[:3] in ("bc1", "BC1"):
        return is_bitcoin_segwit(address)
    return is_tron(address) if address.startswith("T") else is_bitcoin_base58(address)


def find_addresses(text: str) -> tuple[str, ...]:
    """Addresses with a valid checksum in free text, in text order, each once, in the form of `address_id`.

    >>> find_addresses("btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, ref 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")
    ('1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',)
    """
    candidates = _candidates(text)
    valid = [address_id(found) for found in candidates if has_valid_checksum(found)] if candidates else []
    return tuple(dict.fromkeys(valid))


def written_addresses(text: str) -> tuple[str, ...]:
    """What free text writes as addresses, proven or not: for comparison with listed ones, which is proof itself.

    >>> written_addresses("to 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    ('0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',)
    """
    candidates = _candidates(text)
    return tuple(dict.fromkeys(map(address_id, candidates))) if candidates else ()


def has_unproven_address(text: str) -> bool:
    """Whether free text holds a hexadecimal address in one case, which has no checksum to prove it.

    >>> has_unproven_address("to 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), has_unproven_address("bitcoin")
    (True, False)
    """
    return any(f.startswith("0x") and f[2:] in (f[2:].lower(), f[2:].upper()) for f in _candidates(text))


@lru_cache(maxsize=64)
def _candidates(text: str) -> tuple[str, ...]:
    """What looks like an address; several rules ask this of the text of one event."""
    return tuple(_CANDIDATE.findall(text))


def _base58check(address: str, versions: frozenset[int]) -> bool:
    try:
        payload: bytes = base58.b58decode_check(address)
    except ValueError:  # an impossible letter or a wrong checksum: the usual case in free text
        return False
    return len(payload) == 1 + _HASH_BYTES and payload[0] in versions
