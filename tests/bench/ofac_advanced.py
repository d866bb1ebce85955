"""Entries written in OFAC's advanced XML, as far as a loader reads it; identifiers are left out."""

from xml.sax.saxutils import escape

from sluicegate.screening.lists.ofac_xml import NAMESPACES
from sluicegate.wire.events import ListEntry

PART_TYPES = {"1520": "Last Name", "1521": "First Name", "1525": "Entity Name"}
SUBTYPES = {"person": "4", "organisation": "3", "vessel": "1", "aircraft": "2"}


def as_advanced(held: list[ListEntry]) -> str:
    """The file, as one text."""
    countries = sorted({country for entry in held for country in entry.countries})
    values = {
        "PartyType": {"1": "Individual", "2": "Entity", "4": "Transport"},
        "NamePartType": PART_TYPES,
        "FeatureType": {"8": "Birthdate", "25": "Location", "344": "Digital Currency Address - XBT"},
        "IDRegDocType": {"1571": "Passport"},
        "SanctionsType": {"1": "Program"},
        "Country": {str(number): country for number, country in enumerate(countries)},
    }
    sets = "".join(
        f"<{kind}Values>"
        + "".join(f'<{kind} ID="{id}">{text}</{kind}>' for id, text in known.items())
        + f"</{kind}Values>"
        for kind, known in values.items()
    )
    subtypes = (("1", "4", "Vessel"), ("2", "4", "Aircraft"), ("3", "2", "Unknown"), ("4", "1", "Unknown"))
    sets += "".join(
        f'<PartySubType ID="{id}" PartyTypeID="{of}">{text}</PartySubType>' for id, of, text in subtypes
    ).join(("<PartySubTypeValues>", "</PartySubTypeValues>"))
    places = "".join(
        f'<Location ID="{number}"><LocationCountry CountryID="{number}"/></Location>\n'
        for number in range(len(countries))
    )
    parties = "".join(_party(entry, {country: number for number, country in enumerate(countries)}) for entry in held)
    sanctions = "".join(
        f'<SanctionsEntry ProfileID="{entry.entry_id}">'
        + "".join(
            f'<SanctionsMeasure SanctionsTypeID="1"><Comment>{escape(p)}</Comment></SanctionsMeasure>'
            for p in entry.programs
        )
        + "</SanctionsEntry>\n"
        for entry in held
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Sanctions xmlns="{NAMESPACES[0]}">'
        f"<ReferenceValueSets>{sets}</ReferenceValueSets><Locations>{places}</Locations>"
        f"<DistinctParties>{parties}</DistinctParties><SanctionsEntries>{sanctions}</SanctionsEntries></Sanctions>"
    )


def _party(entry: ListEntry, places: dict[str, int]) -> str:
    aliases, groups = "", ""
    for at, name in enumerate(entry.names):
        family, comma, given = name.name.partition(", ")
        parts = [("1520", family), ("1521", given)] if comma else [("1525", name.name)]
        values = ""
        for kind, text in parts:
            group = f"{entry.entry_id}-{at}-{kind}"
            groups += (
                f'<MasterNamePartGroup><NamePartGroup ID="{group}" NamePartTypeID="{kind}"/></MasterNamePartGroup>'
            )
            value = f'<NamePartValue NamePartGroupID="{group}">{escape(text)}</NamePartValue>'
            values += f"<DocumentedNamePart>{value}</DocumentedNamePart>"
        flags = f'Primary="{str(name.quality == "primary").lower()}" LowQuality="{str(name.quality == "weak").lower()}"'
        aliases += f"<Alias {flags}><DocumentedName>{values}</DocumentedName></Alias>"
    features = "".join(
        _feature("25", f'<VersionLocation LocationID="{places[country]}"/>') for country in entry.countries
    )
    features += "".join(_feature("344", f"<VersionDetail>{wallet}</VersionDetail>") for wallet in entry.wallets)
    for dob in entry.dob:
        tags = zip(("Year", "Month", "Day"), dob.split("-"), strict=False)
        point = "".join(f"<{tag}>{int(text)}</{tag}>" for tag, text in tags)
        features += _feature("8", f"<DatePeriod><Start><From>{point}</From></Start></DatePeriod>")
    return (
        f'<DistinctParty FixedRef="{entry.entry_id}">'
        f'<Profile ID="{entry.entry_id}" PartySubTypeID="{SUBTYPES[entry.kind]}">'
        f"<Identity>{aliases}<NamePartGroups>{groups}</NamePartGroups></Identity>{features}</Profile></DistinctParty>\n"
    )


def _feature(kind: str, content: str) -> str:
    return f'<Feature FeatureTypeID="{kind}"><FeatureVersion>{content}</FeatureVersion></Feature>'
