"""The EU list in XML (version 1.1 of the export): an element for each party, with its parts below it."""

from collections.abc import Iterator

from sluicegate.screening.lists import eu_party
from sluicegate.screening.lists.base import Fault, Files, Form, ListFile, ListRefused
from sluicegate.screening.lists.draft import Draft
from sluicegate.screening.lists.xml import Node, elements
from sluicegate.wire.events import ListEntry

_FILE = ListFile(
    name="eu-full-list.xml",
    url="https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
)
_NAMESPACE = "http://eu.europa.ec/fpi/fsd/export"


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    seen: set[str] = set()
    for node in elements(_FILE.name, files[_FILE.name], "sanctionEntity", root="export", namespaces={_NAMESPACE}):
        where = f"{_FILE.name}:{node.line}"
        entry_id = node.get("euReferenceNumber") or node.get("logicalId")
        subject = node.first("subjectType")
        kind = eu_party.KINDS.get(subject.get("code").lower()) if subject else None
        if kind is None:
            yield Fault(where, "/kind", "a kind of party that is not known")
        elif not entry_id or entry_id in seen:
            yield Fault(where, "/entry_id", "an earlier entity has this id" if entry_id else "missing")
        else:
            seen.add(entry_id)
            yield from _draft(node, Draft(entry_id, kind)).finish(where)
    if not seen:
        raise ListRefused(f"{_FILE.name}: no entry")


def _draft(node: Node, draft: Draft) -> Draft:
    for name in node.all("nameAlias"):
        eu_party.add_name(draft, name.get, name.value("remark"))
    for birth in node.all("birthdate"):
        eu_party.add_birth(draft, birth.get)
    for place in (*node.all("citizenship"), *node.all("address")):
        eu_party.add_country(draft, place.get)
    for document in node.all("identification"):
        eu_party.add_document(draft, document.get)
    designated = node.get("designationDate")
    for regulation in node.all("regulation"):
        eu_party.add_listing(draft, regulation.get("programme"), designated, regulation.get("publicationDate"))
    for remark in (*node.all("remark"), *node.all("identification/remark")):
        eu_party.add_remark(draft, remark.text)
    return draft


FORM = Form(files=(_FILE,), parse=_parse)
