"""The lists of the U.S. Treasury's Office of Foreign Assets Control, as its Sanctions List Service exports them."""

from sluicegate.screening.lists import ofac_xml
from sluicegate.screening.lists.base import Files, Form, ListFile, ListRefused, ListSource
from sluicegate.screening.lists.ofac_csv import LegacySet

_EXPORTS = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"


def _file(name: str) -> ListFile:
    return ListFile(name=name.lower(), url=_EXPORTS + name)


def _advanced(name: str) -> Form:
    file = _file(name)

    def parse(files: Files) -> ofac_xml.Parsed:
        if file.name not in files:
            raise ListRefused(f"{file.name}: the file is missing")
        return ofac_xml.parse(file.name, files[file.name])

    return Form(files=(file,), parse=parse)


def _legacy(parties: str, aliases: str, addresses: str, comments: str) -> Form:
    files = tuple(map(_file, (parties, aliases, addresses, comments)))
    return Form(files=files, parse=LegacySet(*(file.name for file in files)).parse)


def _source(name: str, title: str, advanced: str, legacy: tuple[str, str, str, str]) -> ListSource:
    return ListSource(
        name=name,
        title=title,
        forms=(_advanced(advanced), _legacy(*legacy)),
        licence="Public domain (work of the U.S. government)",
        homepage="https://ofac.treasury.gov/sanctions-list-service",
    )


SOURCES = (
    _source(
        "ofac-sdn",
        "OFAC Specially Designated Nationals and Blocked Persons List",
        "SDN_ADVANCED.XML",
        ("SDN.CSV", "ALT.CSV", "ADD.CSV", "SDN_COMMENTS.CSV"),
    ),
    _source(
        "ofac-consolidated",
        "OFAC Consolidated Sanctions List (other than the SDN list)",
        "CONS_ADVANCED.XML",
        ("CONS_PRIM.CSV", "CONS_ALT.CSV", "CONS_ADD.CSV", "CONS_COMMENTS.CSV"),
    ),
)
