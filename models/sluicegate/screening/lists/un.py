"""The consolidated list of the United Nations Security Council."""

import re
from collections.abc import Iterator

from sluicegate.screening.lists.base import Fault, Files, Form, ListFile, ListRefused, ListSource
from sluicegate.screening.lists.draft import Draft, Kind, Quality
from sluicegate.screening.lists.un_names import names_in
from sluicegate.screening.lists.xml import Node, elements
from sluicegate.wire.events import ListEntry

_FILE = ListFile(name="un_consolidated.xml", url="https://scsanctions.un.org/resources/xml/en/consolidated.xml")
_KINDS: dict[str, Kind] = {"INDIVIDUAL": "person", "ENTITY": "organisation"}
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_NOTHING = "na"  # not available; as a code it would be Namibia
_QUALITIES: dict[str, Quality] = {"low": "weak"}  # good, a.k.a. and f.k.a. are strong
_DOCUMENTS = (
    ("travel_document", re.compile(r"travel document|laissez", re.IGNORECASE)),
    ("passport", re.compile(r"passport|passeport|pasaporte", re.IGNORECASE)),
    ("tax", re.compile(r"\btax\b|fiscal", re.IGNORECASE)),
    ("driving_licence", re.compile(r"\bdriv", re.IGNORECASE)),
    ("national_id", re.compile(r"identi|national|social security|\bID\b|tazkira|citizen", re.IGNORECASE)),
)
_VALUE = re.compile(r"(?P<label>\D*?)(?P<value>(?:\b[A-Z]{1,3} )?\S*\d[^,;(]*?)\s*(?:[,;(].*)?")  # words may precede it


def parse(files: Files) -> Iterator[ListEntry | Fault]:
    """Entries in file order, each under its reference number (such as QDi.001), or its data id where it has none.

    Memory is that of one entry. Raises ListRefused for a file that is missing, cut off, another document, or empty.
    """
    name = _FILE.name
    if name not in files:
        raise ListRefused(f"{name}: the file is missing")
    seen: set[str] = set()
    for node in elements(name, files[name], *_KINDS, root="CONSOLIDATED_LIST", namespaces=("",)):
        where = f"{name}:{node.line}"
        number = node.value("REFERENCE_NUMBER") or node.value("DATAID")
        if number in seen:
            yield Fault(where, "/entry_id", "an earlier entry has this number")
            continue
        seen.add(number)
        yield from _draft(number, node).finish(where)
    if not seen:
        raise ListRefused(f"{name}: no entry in it")


def _draft(number: str, node: Node) -> Draft:
    draft = Draft(number, _KINDS[node.tag])
    for name in names_in(" ".join(filter(None, map(node.value, _NAMES)))):
        draft.name(name, "primary")  # of several the first is
    for name in names_in(node.value("NAME_ORIGINAL_SCRIPT")):
        draft.name(name, "strong")
    for alias in node.all(f"{node.tag}_ALIAS"):
        for name in names_in(alias.value("ALIAS_NAME")):
            draft.name(name, _QUALITIES.get(alias.value("QUALITY").lower(), "strong"))
        draft.birth(alias.value("DATE_OF_BIRTH"))
    for birth in node.all(f"{node.tag}_DATE_OF_BIRTH"):
        draft.birth(_birth(birth))
    for path in ("NATIONALITY/VALUE", f"{node.tag}_ADDRESS/COUNTRY"):
        for country in node.all(path):
            draft.country("" if country.text == _NOTHING else country.text)
    for document in node.all(f"{node.tag}_DOCUMENT"):
        _read_document(draft, document)
    draft.program(node.value("UN_LIST_TYPE"))
    draft.listed(node.value("LISTED_ON"))
    return draft


def _read_document(draft: Draft, node: Node) -> None:
    number = _VALUE.fullmatch(node.value("NUMBER"))
    if number is None:
        return
    labels = (number["label"], node.value("TYPE_OF_DOCUMENT"), node.value("TYPE_OF_DOCUMENT2"))
    schemes = (scheme for label in labels for scheme, pattern in _DOCUMENTS if pattern.search(label))
    draft.identifier(next(schemes, "other"), number["value"])


def _birth(node: Node) -> str:
    first, last = node.value("FROM_YEAR"), node.value("TO_YEAR")
    if first and last:
        return f"{first} to {last}"
    return node.value("DATE") or node.value("YEAR") or first or last or node.value("NOTE")


SOURCE = ListSource(
    name="un",
    title="United Nations Security Council Consolidated List",
    forms=(Form(files=(_FILE,), parse=parse),),
    licence="Public; terms of use of the United Nations websites",
    homepage="https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
)
