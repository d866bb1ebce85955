"""The UN list: persons and entities with all their names, and entries with something wrong."""

from datetime import date

import pytest

from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.un import SOURCE
from sluicegate.screening.lists.un_names import names_in
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, faults_of, read, sample

FILE = "un_consolidated.xml"
TEXT = sample(SOURCE)[FILE].decode()


def test_person_has_what_the_file_says() -> None:
    assert entries_of(read(SOURCE, sample(SOURCE)))["QDi.901"] == ListEntry(
        entry_id="QDi.901",
        kind="person",
        names=(
            ListName(name="ABD AL-MITHAL MUHAMMAD", quality="primary"),
            ListName(name="عبد المثال محمد", quality="strong"),
            ListName(name="Abd Mithal", quality="strong"),
            ListName(name="The Teacher", quality="weak"),
            ListName(name="Abu Sahl", quality="strong"),
            ListName(name="أبو سهل", quality="strong"),
            ListName(name="Abu Sehl", quality="strong"),
        ),
        dob=("1963-01-01", "1962-05-04", "1960", "1961", "1962"),
        countries=("IQ", "IR", "SY"),
        programs=("Al-Qaida",),
        ids=(ListedId(scheme="passport", value="A0000001"), ListedId(scheme="national_id", value="00000002")),
        listed_on=date(2001, 10, 8),
    )


def test_entry_without_most_fields_and_an_entity() -> None:
    found = entries_of(read(SOURCE, sample(SOURCE)))
    assert (found["KPi.902"].names, found["KPi.902"].dob) == (
        (ListName(name="KIM PO GI", quality="primary"),),
        ("1957",),
    )
    entity = found["KPe.901"]
    assert (entity.kind, entity.countries) == ("organisation", ("KP",))
    assert [(name.name, name.quality) for name in entity.names] == [
        ("EXAMPLE TRADING CORPORATION (EXTRACO)", "primary"),
        ("EXAMPLE TRADING CORPORATION", "strong"),
        ("EXAMPLE MINING", "strong"),
        ("SAMPLE TRADING HOUSE", "strong"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("  Ann   Example ", ["Ann Example"]),
        ("“Ann”", ["Ann"]),
        ('"EXAMPLE, Ann"', ["EXAMPLE, Ann"]),
        (") Ann Example", ["Ann Example"]),
        ("(Sheikh) Ann Example", ["(Sheikh) Ann Example"]),
        ("Ann Example (Exempel)", ["Ann Example (Exempel)"]),
        ("Ann Example (birth name)", ["Ann Example"]),
        ("ANN EXAMPLE (COMBAT NAME)", ["ANN EXAMPLE"]),
        ("Ann Example, III (third)", ["Ann Example, III"]),
        ("Ann Example (false identity, linked to a passport)", ["Ann Example"]),
        ("Ann Example, born 1 Jan. 1953 (passport no. 1)", ["Ann Example"]),
        ("Ann Example born in 1963", ["Ann Example"]),
        ("Ann Example; Anne Example b) A. Example", ["Ann Example", "Anne Example", "A. Example"]),
        ("Jin Muster (金范)", ["Jin Muster", "金范"]),
        ("حسن (Hassan; Hasan)", ["حسن", "Hassan", "Hasan"]),
        ("Amir (original script: Амир)", ["Amir", "Амир"]),
        (
            "Example Front (EF) (الجبهة (original script); Sample Front)",
            ["Example Front", "EF", "الجبهة", "Sample Front"],
        ),
        ("الجبهة (Example Front - sub-unit name)", ["الجبهة", "Example Front"]),
        ("Ann Example (Ан (birth name))", ["Ann Example", "Ан"]),
        ("EXAMPLE GROUP (E-G)", ["EXAMPLE GROUP (E-G)", "EXAMPLE GROUP"]),
    ],
)
def test_names_of_a_field(text: str, names: list[str]) -> None:
    assert list(names_in(text)) == names


@pytest.mark.parametrize(
    ("number", "scheme", "value"),
    [
        ("A0000001", "passport", "A0000001"),
        ("A 0000001", "passport", "A 0000001"),
        ("A0000001 (expired 25 Jan. 2016)", "passport", "A0000001"),
        ("Example passport no. D00000001", "passport", "D00000001"),
        ("national identity card number 00000-0000001-1", "national_id", "00000-0000001-1"),
        ("Social Security Number 000-00-0000 (US)", "national_id", "000-00-0000"),
        ("Example travel document number XD000001", "travel_document", "XD000001"),
        ("Example driving licence number 00000001", "driving_licence", "00000001"),
        ("Example fiscal code: EXAMPL00A00A000A", "tax", "EXAMPL00A00A000A"),
    ],
)
def test_document_has_the_scheme_that_its_words_say(number: str, scheme: str, value: str) -> None:
    text = TEXT.replace("A0000001, issued in 1999", number)
    assert entries_of(read(SOURCE, {FILE: text.encode()}))["QDi.901"].ids[0] == ListedId(scheme=scheme, value=value)


def test_document_without_a_number_is_passed_over() -> None:
    text = TEXT.replace("A0000001, issued in 1999", "unknown")
    assert [one.scheme for one in entries_of(read(SOURCE, {FILE: text.encode()}))["QDi.901"].ids] == ["national_id"]


def test_bad_parts_are_faults_and_the_rest_stays() -> None:
    text = TEXT.replace("1962-05-04", "30-35 years old").replace("KPi.902", "QDi.901")
    text = text.replace("<VALUE>Syrian Arab Republic</VALUE>", "<VALUE>Atlantis</VALUE><VALUE>na</VALUE>")
    text = text.replace("EXAMPLE TRADING CORPORATION (EXTRACO)", "").replace("EXAMPLE MINING", "")
    found = read(SOURCE, {FILE: text.replace("SAMPLE TRADING HOUSE", "").encode()})
    assert [(field, reason) for _, field, reason in faults_of(found)] == [
        ("/dob", "not a date"),
        ("/countries", "not a country that is known"),
        ("/entry_id", "an earlier entry has this number"),
        ("/names", "expected an array of at least 1; found 0"),
    ]
    assert [part.entry_id for part in found if isinstance(part, ListEntry)] == ["QDi.901"]


def test_missing_file_and_list_without_an_entry_are_refused_by_name() -> None:
    with pytest.raises(ListRefused, match=r"un_consolidated\.xml: the file is missing"):
        read(SOURCE, {})
    with pytest.raises(ListRefused, match=r"un_consolidated\.xml: no entry in it"):
        read(SOURCE, {FILE: b"<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>"})


def test_data_id_stands_in_for_a_missing_reference_number() -> None:
    text = TEXT.replace("<REFERENCE_NUMBER>KPi.902</REFERENCE_NUMBER>", "")
    assert "9000002" in entries_of(read(SOURCE, {FILE: text.encode()}))
