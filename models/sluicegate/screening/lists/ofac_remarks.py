"""The Remarks of OFAC's legacy files: facts of a party, written one after the other in a text."""

import re

from sluicegate.screening.lists.draft import Draft
from sluicegate.screening.lists.ofac_ids import listed_id

_BETWEEN = re.compile(r"\s*;\s*")
_ALIAS = re.compile(r"[afn]\.k\.a\. '(?P<name>.+)'")
_WALLET = re.compile(r"Digital Currency Address - \S+ (?P<address>\S+)")
_COUNTRY = re.compile(r"(?:nationality|citizen) (?P<country>.+)")
_BIC = re.compile(r"SWIFT/BIC (?P<bic>\w+)")
_LABEL_ENDS = r"No\.?|Number|Identification|Identidad|ID|Passport|Code|SSN|MMSI|RUC|NIT|RIF|RTN|RFC|FEIN|#|\S\."
_NUMBERED = re.compile(
    r"(?!Linked To|Transactions|Secondary|Additional|Executive|Aircraft|Previous Aircraft|Phone|Fax|Tele)"
    rf"(?P<label>(?=[A-Z])[^();,]{{0,60}}?(?:{_LABEL_ENDS}))"
    r"(?:\s+(?:No\.|Number|Card|Certificate|Document|#|\([A-Z]+\)|[A-Za-z.]+:))*"
    r"\s+(?P<value>(?=[^(]*\d)[^(]+?)\s*(?:\(.*|, .*|\b(?:issued|expire[sd]?|and|at)\b.*)?"
)


def read_remarks(text: str, draft: Draft) -> None:
    """Adds to the draft what the text says of weak aliases, births, countries, wallets and numbers.

    text: Remarks with their continuation, semicolons between the facts. Facts of other kinds are passed over.

    >>> draft = Draft("1", "person")
    >>> draft.name("KIM, Un", "primary")
    >>> read_remarks("DOB 23 Jun 1964; alt. DOB 1966; nationality Korea, North; a.k.a. 'UNI'; Gender Male.", draft)
    >>> entry, = draft.finish("remarks")
    >>> entry.dob, entry.countries, entry.names[1].name, entry.names[1].quality
    (('1964-06-23', '1966'), ('KP',), 'UNI', 'weak')
    """
    for fact in _BETWEEN.split(text.strip().removesuffix(".")):
        _read_fact(fact.removeprefix("alt. "), draft)


def _read_fact(fact: str, draft: Draft) -> None:
    if match := _ALIAS.fullmatch(fact):
        draft.name(match["name"], "weak")
    elif match := _WALLET.fullmatch(fact):
        draft.wallet(match["address"])
    elif fact.startswith("Digital Currency Address"):
        draft.fault("/wallets", "no address where one is announced")
    elif fact.startswith("DOB "):
        draft.birth(fact.removeprefix("DOB "))
    elif match := _COUNTRY.fullmatch(fact):
        draft.country(match["country"])
    elif match := _BIC.fullmatch(fact):
        draft.identifier("bic", match["bic"])
    elif (match := _NUMBERED.fullmatch(fact)) and (known := listed_id(match["label"], match["value"])):
        draft.identifier(*known)
