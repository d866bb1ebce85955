"""The EU list: both forms say the same, and neither takes a file that is something else."""

from datetime import date

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.eu import SOURCE
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, faults_of, read, sample

XML, CSV = "eu-full-list.xml", "eu-full-list.csv"
XML_TEXT, CSV_TEXT = sample(SOURCE, 0)[XML].decode(), sample(SOURCE, 1)[CSV].decode("utf-8-sig")


def read_xml(text: str) -> list[object]:
    return list(read(SOURCE, {XML: text.encode()}))


@pytest.mark.parametrize("form", [0, 1])
def test_person_has_what_the_file_says(form: int) -> None:
    assert entries_of(read(SOURCE, sample(SOURCE, form), form))["EU.9001.11"] == ListEntry(
        entry_id="EU.9001.11",
        kind="person",
        names=(
            ListName(name="Okta Mirin Veldoran", quality="primary"),
            ListName(name="Окта Велдоран", quality="strong"),
            ListName(name="The Otter", quality="weak"),
            ListName(name="Octa Seldoran", quality="weak"),
        ),
        dob=("1962-06-23", "1963-07", "1965", "1966"),
        countries=("IR", "RU"),
        programs=("RUR",),
        wallets=("0x1111111111111111111111111111111111111111",),
        ids=(ListedId(scheme="passport", value="A 1608600"),),
        listed_on=date(2021, 6, 5),
        remarks="Wallet 0x1111111111111111111111111111111111111111",
    )


@pytest.mark.parametrize("form", [0, 1])
def test_enterprise_without_reference_number_has_its_logical_id(form: int) -> None:
    found = entries_of(read(SOURCE, sample(SOURCE, form), form))["9002"]
    assert (found.kind, found.countries, found.listed_on) == ("organisation", (), date(2022, 8, 7))
    assert [(one.scheme, one.value) for one in found.ids] == [("registration", "1237700000001"), ("bic", "RURIRUMM")]


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("size", [1, 61])
def test_chunks_of_any_size_give_the_same(form: int, size: int) -> None:
    assert read(SOURCE, sample(SOURCE, form), form, size) == read(SOURCE, sample(SOURCE, 1 - form), 1 - form)


@pytest.mark.parametrize(
    ("birth", "dob"),
    [
        ('calendarType="GREGORIAN" yearRangeTo="1980"', ("1980",)),
        ('calendarType="GREGORIAN" yearRangeFrom="1979" yearRangeTo="1980"', ("1979", "1980")),
        ('calendarType="GREGORIAN" city="Quayside"', ()),
        ('year="1961"', ("1961",)),
        ('year="1961" monthOfYear="8" dayOfMonth="3"', ("1961-08-03",)),
    ],
)
def test_birth_dates_of_every_precision(birth: str, dob: tuple[str, ...]) -> None:
    assert entries_of(read(SOURCE, {XML: one_entity(f"<birthdate {birth}/>")}))["EU.1.1"].dob == dob


def one_entity(parts: str, subject: str = '<subjectType code="person"/>') -> bytes:
    return (
        '<export xmlns="http://eu.europa.ec/fpi/fsd/export"><sanctionEntity euReferenceNumber="EU.1.1">'
        f'{subject}<nameAlias wholeName="Okta Veldoran" strong="true"/>{parts}</sanctionEntity></export>'
    ).encode()


@pytest.mark.parametrize(
    ("parts", "field", "reason"),
    [
        ('<birthdate calendarType="ISLAMIC" year="1341"/>', "/dob", "not a date of the Gregorian calendar"),
        ('<birthdate birthdate="1961-02-31"/>', "/dob", "not a date"),
        (
            '<citizenship countryIso2Code="" countryDescription="ATLANTIS"/>',
            "/countries",
            "not a country that is known",
        ),
    ],
)
def test_bad_part_is_a_fault_and_the_entry_stays(parts: str, field: str, reason: str) -> None:
    found = read(SOURCE, {XML: one_entity(parts)})
    assert faults_of(found) == [(f"{XML}:1", field, reason)]
    assert [part.entry_id for part in found if isinstance(part, ListEntry)] == ["EU.1.1"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('code="enterprise"', 'code="comet"', "/kind"),
        ('<subjectType code="enterprise" classificationCode="E"/>', "", "/kind"),
        ('logicalId="9002"', 'logicalId="9002" euReferenceNumber="EU.9001.11"', "/entry_id"),
        ('unitedNationId="" logicalId="9002"', "", "/entry_id"),
    ],
)
def test_bad_entity_is_a_fault_and_the_others_stay(old: str, new: str, field: str) -> None:
    found = read(SOURCE, {XML: XML_TEXT.replace(old, new).encode()})
    assert [(fault[0], fault[1]) for fault in faults_of(found)] == [(f"{XML}:24", field)]
    assert [part.entry_id for part in found if isinstance(part, ListEntry)] == ["EU.9001.11"]


@pytest.mark.parametrize(
    ("old", "new", "field"), [(";9002;", ";;", "/entry_id"), (";E;enterprise", ";X;comet", "/kind")]
)
def test_csv_row_of_nobody_or_of_unknown_kind_is_a_fault(old: str, new: str, field: str) -> None:
    found = read(SOURCE, {CSV: CSV_TEXT.replace(old, new).encode()}, 1)
    assert {fault[1] for fault in faults_of(found)} == {field}
    assert [part.entry_id for part in found if isinstance(part, ListEntry)] == ["EU.9001.11"]


def test_csv_without_the_column_of_strength_takes_names_as_strong() -> None:
    found = read(SOURCE, {CSV: CSV_TEXT.replace("NameAlias_Strong", "Other").encode()}, 1)
    assert [name.quality for name in entries_of(found)["EU.9001.11"].names] == ["primary", "strong", "strong", "weak"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (XML_TEXT[: len(XML_TEXT) // 2], "cut off"),
        (XML_TEXT.replace("/fsd/export", "/fsd/export/2"), "namespace is http://eu.europa.ec/fpi/fsd/export/2"),
        (XML_TEXT.replace("export", "import"), "outermost element is import"),
        ('<export xmlns="http://eu.europa.ec/fpi/fsd/export"/>', "no entry"),
        ("Access denied", "not well-formed"),
    ],
)
def test_xml_that_is_not_the_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(ListRefused, match=f"^{XML}.*{message}"):
        read_xml(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (CSV_TEXT[:-60], "cut off"),
        (CSV_TEXT.replace(";", ","), "no header with a column 'Entity_LogicalId'"),
        (CSV_TEXT.replace("NameAlias_WholeName", "Name"), "no column 'NameAlias_WholeName'"),
        (CSV_TEXT.splitlines()[0] + "\r\n", "no entry"),
    ],
)
def test_csv_that_is_not_the_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(ListRefused, match=f"^{CSV}.*{message}"):
        read(SOURCE, {CSV: text.encode()}, 1)
