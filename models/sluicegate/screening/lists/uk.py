"""The UK Sanctions List: since 28 January 2026 the one list of the United Kingdom.

Format: https://www.gov.uk/government/publications/the-uk-sanctions-list. A row for each combination of a party's names,
addresses, dates of birth and documents; the first line is the date of the report, the second one the header.
"""

from collections.abc import Iterator

from sluicegate.screening.lists.base import Fault, Files, Form, ListFile, ListSource
from sluicegate.screening.lists.csv_rows import rows
from sluicegate.screening.lists.draft import Draft, Kind, Quality
from sluicegate.screening.lists.gather import gather
from sluicegate.screening.lists.numbers import identifiers, numbered
from sluicegate.screening.lists.table import Row, table
from sluicegate.wire.events import ListEntry

_FILE = ListFile(name="uk-sanctions-list.csv", url="https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv")
_KINDS: dict[str, Kind] = {"individual": "person", "entity": "organisation", "ship": "vessel"}
_NAME_PARTS = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")  # the last is the surname or the whole name
_DOCUMENTS = {
    "Passport number": "passport",
    "National Identifier number": "national_id",
    "Business registration number (s)": "registration",
    "IMO number": "imo",
}
_COUNTRIES = ("Nationality(/ies)", "Address Country", "Current believed flag of ship")
_NEEDED = (
    "Unique ID",
    *_NAME_PARTS,
    "Name type",
    "Alias strength",
    "Name non-latin script",
    "Regime Name",
    "Designation Type",
    "Date Designated",
    "D.O.B",
    "Other Information",
    *_COUNTRIES,
    *_DOCUMENTS,
)


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    lines = table(_FILE.name, rows(_FILE.name, files[_FILE.name], strict=False), _NEEDED)
    return gather(_FILE.name, lines, lambda row: row.get("Unique ID"), _kind, _add)


def _kind(row: Row) -> Kind | None:
    return _KINDS.get(row.get("Designation Type").lower())


def _add(row: Row, draft: Draft) -> None:
    draft.name(" ".join(map(row.get, _NAME_PARTS)), _quality(row))
    draft.name(row.get("Name non-latin script"), "strong")
    for text in numbered(row.get("D.O.B")):
        draft.birth(text)
    for column in _COUNTRIES:
        for text in numbered(row.get(column)):
            draft.country(text)
    for column, scheme in _DOCUMENTS.items():
        for own_scheme, value in identifiers(row.get(column), scheme):
            draft.identifier(own_scheme, value)
    draft.program(row.get("Regime Name"))
    draft.listed(row.get("Date Designated"))
    if reference := row.get("UN Reference Number"):
        draft.remark(f"UN reference {reference}")
    draft.remark(row.get("Other Information"))
    draft.wallets_in(row.get("Other Information"))


def _quality(row: Row) -> Quality:
    if row.get("Name type").lower() == "primary name":
        return "primary"
    return "weak" if row.get("Alias strength").lower().startswith("low") else "strong"


SOURCE = ListSource(
    name="uk",
    title="UK Sanctions List",
    forms=(Form(files=(_FILE,), parse=_parse),),
    licence="Open Government Licence v3.0",
    homepage="https://www.gov.uk/government/publications/the-uk-sanctions-list",
)
