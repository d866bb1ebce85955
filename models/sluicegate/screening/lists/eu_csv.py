"""The EU list in CSV (version 1.1): a row for each part of a party, with the party's own columns repeated in it."""

from collections.abc import Iterator

from sluicegate.screening.lists import eu_party
from sluicegate.screening.lists.base import Fault, Files, Form, ListFile
from sluicegate.screening.lists.csv_rows import rows
from sluicegate.screening.lists.draft import Draft, Kind
from sluicegate.screening.lists.gather import gather
from sluicegate.screening.lists.table import Row, table
from sluicegate.wire.events import ListEntry

_FILE = ListFile(
    name="eu-full-list.csv",
    url="https://webgate.ec.europa.eu/fsd/fsf/public/files/csvFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
)
_NEEDED = (
    "Entity_LogicalId",
    "Entity_EU_ReferenceNumber",
    "Entity_SubjectType",
    "Entity_DesignationDate",
    "Entity_Regulation_Programme",
    "Entity_Regulation_PublicationDate",
    "Entity_Remark",
    "NameAlias_WholeName",
    "NameAlias_FirstName",
    "NameAlias_LastName",
    "BirthDate_BirthDate",
    "BirthDate_Year",
    "Citizenship_CountryIso2Code",
    "Address_CountryIso2Code",
    "Identification_Number",
    "Identification_TypeCode",
)
_COLUMNS = {"monthOfYear": "Month", "dayOfMonth": "Day", "identificationTypeCode": "TypeCode"}


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    lines = table(_FILE.name, rows(_FILE.name, files[_FILE.name], delimiter=";", strict=False), _NEEDED)
    return gather(_FILE.name, lines, _identify, _kind, _add)


def _identify(row: Row) -> str:
    return row.get("Entity_EU_ReferenceNumber") or row.get("Entity_LogicalId")


def _kind(row: Row) -> Kind | None:
    return eu_party.KINDS.get(row.get("Entity_SubjectType").lower())


def _add(row: Row, draft: Draft) -> None:
    eu_party.add_name(draft, _part(row, "NameAlias"), row.get("NameAlias_Remark"))
    eu_party.add_birth(draft, _part(row, "BirthDate"))
    eu_party.add_country(draft, _part(row, "Citizenship"))
    eu_party.add_country(draft, _part(row, "Address"))
    eu_party.add_document(draft, _part(row, "Identification"))
    designated, published = row.get("Entity_DesignationDate"), row.get("Entity_Regulation_PublicationDate")
    eu_party.add_listing(draft, row.get("Entity_Regulation_Programme"), designated, published)
    eu_party.add_remark(draft, row.get("Entity_Remark"))
    eu_party.add_remark(draft, row.get("Identification_Remark"))


def _part(row: Row, name: str) -> eu_party.Part:
    return lambda attribute: row.get(f"{name}_{_COLUMNS.get(attribute, attribute)}")


FORM = Form(files=(_FILE,), parse=_parse)
