"""What the parts of an entity of the EU list say of a party, in whichever form they are published.

Every function takes one part as a function from an attribute's name in the XML to its text, empty where it has none.
"""

from collections.abc import Callable

from sluicegate.screening.lists.draft import Draft, Kind
from sluicegate.screening.lists.numbers import identifiers

Part = Callable[[str], str]

KINDS: dict[str, Kind] = {
    "person": "person",
    "p": "person",
    "enterprise": "organisation",
    "entity": "organisation",
    "e": "organisation",
}
_SCHEMES = {
    "passport": "passport",
    "id": "national_id",
    "ssn": "national_id",
    "nrn": "national_id",
    "nationcert": "national_id",
    "regnumber": "registration",
    "tradelic": "registration",
    "fiscalcode": "tax",
    "taxid": "tax",
    "swiftbic": "bic",
    "lei": "lei",
    "imo": "imo",
}
_UNKNOWN_COUNTRY = "00"


def add_name(draft: Draft, part: Part, remark: str) -> None:
    """remark: of the name; some say there, and not by the attribute, that it is of low quality."""
    whole = part("wholeName") or " ".join(map(part, ("firstName", "middleName", "lastName")))
    weak = part("strong").lower() == "false" or "low quality" in remark.lower()
    draft.name(whole, "weak" if weak else "strong")


def add_birth(draft: Draft, part: Part) -> None:
    """A day, a month, a year or a range of years, of which one end may be open."""
    if part("calendarType").upper() not in ("", "GREGORIAN"):
        draft.fault("/dob", "not a date of the Gregorian calendar")
        return
    year, month, day = part("year"), part("monthOfYear"), part("dayOfMonth")
    since, until = part("yearRangeFrom"), part("yearRangeTo")
    if part("birthdate"):
        draft.birth(part("birthdate"))
    elif year:
        draft.birth(f"{day or 'dd'}/{month or 'mm'}/{year}")
    elif since and until:
        draft.birth(f"{since} to {until}")
    else:
        draft.birth(since or until)


def add_country(draft: Draft, part: Part) -> None:
    """Of a citizenship or an address: by its code, else by its name."""
    code = part("countryIso2Code")
    draft.country("" if code == _UNKNOWN_COUNTRY else code, part("countryDescription"))


def add_document(draft: Draft, part: Part) -> None:
    scheme = _SCHEMES.get(part("identificationTypeCode").lower(), "other")
    for attribute in ("number", "latinNumber"):
        for own_scheme, value in identifiers(part(attribute), scheme):
            draft.identifier(own_scheme, value)
        draft.wallets_in(part(attribute))


def add_listing(draft: Draft, programme: str, *dates: str) -> None:
    """dates: of designation and of the regulation, the first one that is there counts."""
    draft.program(programme)
    draft.listed(next(filter(None, dates), ""))


def add_remark(draft: Draft, text: str) -> None:
    draft.remark(text)
    draft.wallets_in(text)
