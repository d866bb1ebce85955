"""What a person or a file says of a party to be screened, in the form in which it is compared.

Every refusal is a ValueError whose text names the field, and never what it holds.
"""

import re
from collections.abc import Iterable

from sluicegate.screening.assess import Facts
from sluicegate.screening.index import Kind, identifier
from sluicegate.screening.wallets import address_id

__all__ = ["KINDS", "MAX_NAME", "facts_of", "kind_of", "name_of"]

MAX_NAME = 512
"""Characters of a name, as in events."""
KINDS: dict[str, Kind] = {
    "both": "both",
    "person": "person",
    "individual": "person",
    "organisation": "organisation",
    "organization": "organisation",
    "company": "organisation",
    "entity": "organisation",
}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_COUNTRY = re.compile("[A-Z]{2}")


def name_of(text: str) -> str:
    """The name; raises ValueError where there is none, or one too long for an event."""
    if not text.strip():
        raise ValueError("name: empty")
    if len(text) > MAX_NAME:
        raise ValueError(f"name: longer than {MAX_NAME} characters")
    return text


def kind_of(text: str | None) -> Kind:
    """
    >>> kind_of("Entity"), kind_of(None)
    ('organisation', 'both')
    """
    found = KINDS.get((text or "both").strip().lower())
    if found is None:
        raise ValueError("kind: neither person nor organisation (or company, entity, individual) nor both")
    return found


def facts_of(
    *,
    kind: str | None = None,
    country: Iterable[str] = (),
    dob: str | None = None,
    dob_verified: bool = False,
    wallets: Iterable[str] = (),
    ids: Iterable[tuple[str, str]] = (),
) -> Facts:
    """Facts as they are compared. Empty texts count as not given; raises ValueError.

    >>> facts = facts_of(country=["ru, kp"], dob="1976-02", kind="individual", wallets=["0xAB"])
    >>> sorted(facts.countries), facts.dob, facts.kind, facts.wallets
    (['KP', 'RU'], '1976-02', 'person', frozenset({'0xab'}))
    """
    dob = (dob or "").strip()
    if dob and not _DATE.fullmatch(dob):
        raise ValueError("dob: not YYYY, YYYY-MM or YYYY-MM-DD")
    return Facts(
        kind=kind_of(kind),
        countries=frozenset(code for text in country for code in _countries(text)),
        dob=dob or None,
        dob_verified=dob_verified,
        wallets=frozenset(address_id(address.strip()) for address in wallets if address.strip()),
        ids=frozenset(identifier(scheme.strip(), value) for scheme, value in ids if scheme.strip() and value.strip()),
    )


def _countries(text: str) -> Iterable[str]:
    for code in re.split(r"[\s,;]+", text.strip().upper()):
        if not code:
            continue
        if not _COUNTRY.fullmatch(code):
            raise ValueError("country: not a code of two letters (ISO 3166-1), or several")
        yield "GB" if code == "UK" else code
