"""OFAC's advanced XML (Advanced Sanctions Data Model): parties in the middle, what they refer to before and after them.

The file has, in this order, sets of reference values, locations, identity documents, the parties and the sanctions
entries that designate them; all are tied together by numbers. Namespaces are compared with those seen so far, because
a reader that looks for elements of an old one finds no party and no error.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from sluicegate.screening.lists.base import Fault, ListRefused
from sluicegate.screening.lists.draft import Draft, Kind
from sluicegate.screening.lists.ofac_ids import listed_id
from sluicegate.screening.lists.ofac_names import full_name
from sluicegate.screening.lists.xml import Node, elements
from sluicegate.wire.events import ListEntry

NAMESPACES = (
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML",
    "http://www.un.org/sanctions/1.0",
)
_KINDS: dict[str, Kind] = {
    "Individual": "person",
    "Entity": "organisation",
    "Vessel": "vessel",
    "Aircraft": "aircraft",
}
Parsed = Iterator[ListEntry | Fault]
_SETS = ("PartySubType", "PartyType", "NamePartType", "FeatureType", "IDRegDocType", "SanctionsType")
_COUNTRY_FEATURES = ("Nationality", "Citizenship", "Location")


class _Document(msgspec.Struct, frozen=True):
    label: str
    number: str


class _Known:
    """What parties refer to: texts of reference values by set and number, countries of places, documents."""

    def __init__(self) -> None:
        self.texts: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.types: dict[str, str] = {}  # number of a PartySubType -> that of its PartyType
        self.places: dict[str, tuple[str, ...]] = {}
        self.documents: defaultdict[str, list[_Document]] = defaultdict(list)

    def learn_values(self, node: Node) -> None:
        for values in node:
            for value in values:
                number = value.get("ID")
                self.texts[value.tag][number] = value.text or value.get("ISO2")
                if value.tag == "PartySubType":
                    self.types[number] = value.get("PartyTypeID")
                elif value.tag == "AreaCode":
                    self.texts[value.tag][number] = value.get("Description") or value.text

    def learn_place(self, node: Node) -> None:
        countries = [self.text("Country", each.get("CountryID")) for each in node.all("LocationCountry")]
        areas = [self.text("AreaCode", each.get("AreaCodeID")) for each in node.all("LocationAreaCode")]
        self.places[node.get("ID")] = tuple(filter(None, countries or areas))

    def learn_document(self, node: Node) -> None:
        label = self.text("IDRegDocType", node.get("IDRegDocTypeID"))
        self.documents[node.get("IdentityID")].append(_Document(label, node.value("IDRegistrationNo")))

    def text(self, kind: str, number: str) -> str:
        return self.texts[kind].get(number, "")


def parse(name: str, chunks: Iterable[bytes]) -> Parsed:
    """Entries in file order, at its end: programmes and dates of listing come last in the file.

    name: of the file. Memory is that of the entries, not of the file. Raises ListRefused for a file that is cut off, of
    another namespace or structure, or without a party.
    """
    known = _Known()
    drafts: dict[str, tuple[str, Draft]] = {}  # profile number -> where it stands, the party
    designated: set[str] = set()
    tags = ("ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry")
    for node in elements(name, chunks, *tags, root="Sanctions", namespaces=NAMESPACES):
        if node.tag == "ReferenceValueSets":
            known.learn_values(node)
        elif node.tag == "Location":
            known.learn_place(node)
        elif node.tag == "IDRegDocument":
            known.learn_document(node)
        elif node.tag == "DistinctParty":
            _check_sets(name, node, known)
            profile, draft = _party(node, known)
            if profile in drafts:
                yield Fault(f"{name}:{node.line}", "/entry_id", "an earlier party has this number")
            else:
                drafts[profile] = f"{name}:{node.line}", draft
        else:
            profile = node.get("ProfileID")
            if profile in drafts:
                designated.add(profile)
                _designate(drafts[profile][1], node, known)
            else:
                yield Fault(f"{name}:{node.line}", "/entry_id", "a sanctions entry of no party in the file")
    if not drafts:
        raise ListRefused(f"{name}: no party in it")
    for profile, (where, draft) in drafts.items():
        if profile not in designated:
            draft.fault("/programs", "the party has no sanctions entry")
        yield from draft.finish(where)


def _check_sets(name: str, party: Node, known: _Known) -> None:
    missing = [each for each in _SETS if each not in known.texts]
    if missing:
        raise ListRefused(f"{name}:{party.line}: a party before the reference values of {', '.join(missing)}")


def _party(node: Node, known: _Known) -> tuple[str, Draft]:
    profile = node.first("Profile") or Node("Profile", {}, node.line)
    number = profile.get("ID") or node.get("FixedRef")
    subtype = profile.get("PartySubTypeID")
    kind = _KINDS.get(known.text("PartySubType", subtype)) or _KINDS.get(
        known.text("PartyType", known.types.get(subtype, ""))
    )
    draft = Draft(node.get("FixedRef") or number, kind or "organisation")
    if kind is None:
        draft.fault("/kind", "a party type that is not known: taken as an organisation")
    for identity in profile.all("Identity"):
        _names(draft, identity, known)
        for document in known.documents.pop(identity.get("ID"), ()):
            if listed := listed_id(document.label, document.number):
                draft.identifier(*listed)
    for feature in profile.all("Feature"):
        _feature(draft, feature, known)
    return number, draft


def _names(draft: Draft, identity: Node, known: _Known) -> None:
    groups = identity.all("NamePartGroups/MasterNamePartGroup/NamePartGroup")
    types = {group.get("ID"): known.text("NamePartType", group.get("NamePartTypeID")) for group in groups}
    for alias in identity.all("Alias"):
        weak, primary = alias.get("LowQuality") == "true", alias.get("Primary") == "true"
        for name in alias.all("DocumentedName"):
            values = name.all("DocumentedNamePart/NamePartValue")
            parts = [(types.get(value.get("NamePartGroupID"), ""), value.text) for value in values]
            draft.name(full_name(parts), "weak" if weak else "primary" if primary else "strong")


def _feature(draft: Draft, feature: Node, known: _Known) -> None:
    label = known.text("FeatureType", feature.get("FeatureTypeID"))
    for version in feature.all("FeatureVersion"):
        details = [_detail(each, known) for each in version.all("VersionDetail")]
        if label == "Birthdate":
            for period in version.all("DatePeriod"):
                draft.birth(_period(period))
        elif label.startswith(_COUNTRY_FEATURES):
            for place in version.all("VersionLocation"):
                for country in known.places.get(place.get("LocationID"), ()):
                    draft.country(country)
        elif label in ("Vessel Flag", "Flag"):
            for detail in details:
                draft.country(detail)
        elif label.startswith("Digital Currency Address"):
            for detail in details:
                draft.wallet(detail)
            if not any(details):
                draft.fault("/wallets", "no address where one is announced")
        elif listed := listed_id(label, details[0] if details else ""):
            draft.identifier(*listed)


def _detail(node: Node, known: _Known) -> str:
    return node.text or known.text("DetailReference", node.get("DetailReferenceID"))


def _designate(draft: Draft, node: Node, known: _Known) -> None:
    for event in node.all("EntryEvent/Date"):
        draft.listed(_date(event))
    for measure in node.all("SanctionsMeasure"):
        if known.text("SanctionsType", measure.get("SanctionsTypeID")) == "Program":
            draft.program(measure.value("Comment"))


def _period(period: Node) -> str:
    """A date, or a range from the first day that it may begin on to the last that it may end on."""
    paths = ("Start/From", "Start/To", "End/From", "End/To")
    dates = [_date(found) for path in paths if (found := period.first(path))]
    if not dates:
        return ""
    return dates[0] if len(set(dates)) == 1 else f"{min(dates)} to {max(dates)}"


def _date(node: Node) -> str:
    parts = (node.value("Year"), node.value("Month").zfill(2), node.value("Day").zfill(2))
    return "-".join(part for part in parts if part.strip("0"))
