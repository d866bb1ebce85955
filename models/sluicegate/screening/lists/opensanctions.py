"""OpenSanctions: many publishers' lists as one, as FollowTheMoney entities in JSON Lines; may need a licence to use.

Format: https://www.opensanctions.org/docs/bulk/json and https://followthemoney.tech. A party, its wallets and its
designations are entities of their own that point at each other, in no order; so parties are held until the end, packed
to what is used of them (some 0.5 KB each).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from sluicegate.screening.lists.base import Fault, Files, Form, ListFile, ListRefused, ListSource
from sluicegate.screening.lists.draft import Draft, Kind, Quality
from sluicegate.screening.lists.json_lines import json_lines
from sluicegate.screening.lists.numbers import identifiers
from sluicegate.wire.events import ListEntry

_FILE = ListFile(
    name="entities.ftm.json", url="https://data.opensanctions.org/datasets/latest/sanctions/entities.ftm.json"
)
# a LegalEntity may be a person or a company, and is mostly the latter
_KINDS: dict[str, Kind] = {
    "Person": "person",
    "Company": "organisation",
    "Organization": "organisation",
    "LegalEntity": "organisation",
    "PublicBody": "organisation",
    "Vessel": "vessel",
    "Airplane": "aircraft",
}
_NAMES: dict[str, Quality] = {"name": "strong", "alias": "strong", "previousName": "strong", "weakAlias": "weak"}
_COUNTRIES = ("nationality", "citizenship", "country", "jurisdiction", "mainCountry", "flag")
_SCHEMES = {
    "passportNumber": "passport",
    "idNumber": "national_id",
    "socialSecurityNumber": "national_id",
    "taxNumber": "tax",
    "innCode": "tax",
    "vatCode": "tax",
    "registrationNumber": "registration",
    "ogrnCode": "registration",
    "uscCode": "registration",
    "leiCode": "lei",
    "swiftBic": "bic",
    "imoNumber": "imo",
}
_USED = frozenset({*_NAMES, *_COUNTRIES, *_SCHEMES, "birthDate", "programId", "publicKey"})
# their codes for what is global, the European Union, states that are gone and regions that are none
_NO_COUNTRY = frozenset({"zz", "eu", "suhh", "yucs", "csxx", "csxy", "cshh", "dd"})


class _Entity(msgspec.Struct, gc=False):
    id: str
    schema: str
    caption: str = ""
    target: bool = False
    properties: dict[str, list[str]] = {}
    line: int = 0  # not of the file: where it stands there

    def all(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self.properties.get(name, ())


class _Linked(msgspec.Struct):
    """What other entities say of a party: its wallets, and the programmes and dates of its designations."""

    wallets: list[str] = []
    programs: dict[str, None] = {}
    dates: set[str] = set()


_NOTHING = _Linked()
_DECODER = msgspec.json.Decoder(_Entity)
_PACK = msgspec.msgpack.Encoder().encode
_UNPACK = msgspec.msgpack.Decoder(_Entity).decode


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    parties: dict[str, bytes] = {}
    wallets: list[_Entity] = []
    linked: dict[str, _Linked] = defaultdict(_Linked)
    for number, line in json_lines(_FILE.name, files[_FILE.name]):
        where = f"{_FILE.name}:{number}"
        try:
            entity = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Fault(where, "", "not an entity of FollowTheMoney in JSON")
            continue
        entity.line = number
        if entity.schema == "CryptoWallet":
            wallets.append(entity)
        elif entity.schema == "Sanction":
            _designate(entity, linked)
        elif entity.schema in _KINDS and _is_sanctioned(entity):
            if entity.id in parties:
                yield Fault(where, "/id", "an earlier line has this id")
            else:
                parties[entity.id] = _packed(entity)
    _assign(wallets, parties, linked)
    if not parties:
        raise ListRefused(f"{_FILE.name}: no sanctioned party")
    for packed in parties.values():
        party = _UNPACK(packed)
        yield from _draft(party, linked.get(party.id, _NOTHING)).finish(f"{_FILE.name}:{party.line}")


def _is_sanctioned(entity: _Entity) -> bool:
    """Topics of their own have politicians, debarred suppliers, associates; a target without any is sanctioned."""
    topics = entity.properties.get("topics", [])
    return "sanction" in topics or (entity.target and not topics)


def _designate(sanction: _Entity, linked: dict[str, _Linked]) -> None:
    for party in sanction.all("entity"):
        linked[party].programs.update(dict.fromkeys(sanction.all("programId")))
        linked[party].dates.update(sanction.all("listingDate", "startDate"))


def _assign(wallets: Iterable[_Entity], parties: dict[str, bytes], linked: dict[str, _Linked]) -> None:
    """A wallet belongs to its holders on the list; one without, if it is sanctioned itself, is a party of its own."""
    owned = [(wallet, [holder for holder in wallet.all("holder") if holder in parties]) for wallet in wallets]
    for wallet, holders in owned:
        for holder in holders:
            linked[holder].wallets += wallet.all("publicKey")
        if not holders and _is_sanctioned(wallet):
            parties[wallet.id] = _packed(wallet)


def _packed(entity: _Entity) -> bytes:
    entity.properties = {name: values for name, values in entity.properties.items() if name in _USED}
    return _PACK(entity)


def _draft(party: _Entity, linked: _Linked) -> Draft:
    draft = Draft(party.id, _KINDS.get(party.schema, "organisation"))
    if party.caption in party.properties.get("name", ()):
        draft.name(party.caption, "primary")
    for field, quality in _NAMES.items():
        for name in party.all(field):
            draft.name(name, quality)
    for address in party.all("publicKey"):
        draft.wallet(address)
        draft.name(address, "weak")  # an entry has a name; what has none of its own is called by its address
    for date in party.all("birthDate"):
        draft.birth(date)
    for code in party.all(*_COUNTRIES):
        if code not in _NO_COUNTRY:
            draft.country(code.partition("-")[0])  # ua-cri, gb-sct
    for field, scheme in _SCHEMES.items():
        for value in party.all(field):
            for own_scheme, number in identifiers(value, scheme):
                draft.identifier(own_scheme, number)
    for program in (*party.all("programId"), *linked.programs):
        draft.program(program)
    for address in linked.wallets:
        draft.wallet(address)
    for date in linked.dates:
        draft.listed(date)
    return draft


SOURCE = ListSource(
    name="opensanctions",
    title="OpenSanctions, sanctions collection",
    forms=(Form(files=(_FILE,), parse=_parse),),
    licence="CC BY-NC 4.0: not for business use, which needs a licence from OpenSanctions",
    homepage="https://www.opensanctions.org/datasets/sanctions/",
)
