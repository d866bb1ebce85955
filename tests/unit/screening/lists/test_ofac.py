"""OFAC's lists: both forms say the same of a party, and single bad rows do not take the list with them."""

from datetime import date

import msgspec
import pytest

from sluicegate.screening.lists.base import ListRefused, ListSource
from sluicegate.screening.lists.draft import Draft
from sluicegate.screening.lists.ofac import SOURCES
from sluicegate.screening.lists.ofac_ids import listed_id
from sluicegate.screening.lists.ofac_remarks import read_remarks
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName
from tests.unit.screening.lists.reading import entries_of, faults_of, read, sample

SDN, CONSOLIDATED = SOURCES
ADVANCED, LEGACY = 0, 1
XML = "sdn_advanced.xml"


def said(text: str) -> ListEntry:
    """What Remarks say of a person, without a fault."""
    draft = Draft("1", "person")
    draft.name("EXAMPLE, Ann", "primary")
    read_remarks(text, draft)
    return entries_of(list(draft.finish("remarks")))["1"]


def ids(*pairs: tuple[str, str]) -> tuple[ListedId, ...]:
    return tuple(ListedId(scheme=scheme, value=value) for scheme, value in pairs)


def legacy(**changed: bytes) -> dict[str, bytes]:
    """The legacy sample with other files: `sdn=b"…"`."""
    return sample(SDN, LEGACY) | {f"{name}.csv": data for name, data in changed.items()}


def test_person_has_names_of_every_script_births_countries_wallets_and_numbers() -> None:
    assert entries_of(read(SDN, sample(SDN)))["90001"] == ListEntry(
        entry_id="90001",
        kind="person",
        names=(
            ListName(name="EXEMPLOVA, Vera Petrovna", quality="primary"),
            ListName(name="ЭКЗЕМПЛОВА, Вера Петровна", quality="strong"),
            ListName(name="PRIMEROVA, Vera", quality="strong"),
            ListName(name="VERUSHKA", quality="weak"),
        ),
        dob=("1980-09-29", "1981"),
        countries=("KZ", "RU"),
        programs=("DPRK2", "CYBER2"),
        wallets=(
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",  # under XBT, though of TRON
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",  # cut in two by the limit of Remarks in the legacy form
        ),
        ids=ids(("passport", "710000001"), ("national_id", "4500 000001"), ("tax", "500100732259")),
        listed_on=date(2025, 8, 27),
    )


@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
def test_both_forms_agree_but_for_scripts_and_dates_which_the_legacy_one_lacks(source: ListSource) -> None:
    advanced, plain = (entries_of(read(source, sample(source, form), form)) for form in (ADVANCED, LEGACY))
    assert list(advanced) == list(plain)
    for number, entry in advanced.items():
        latin = tuple(name for name in entry.names if name.name.isascii())
        ordered = tuple(sorted(entry.ids, key=lambda one: (one.scheme, one.value)))
        other = plain[number]
        assert msgspec.structs.replace(entry, names=latin, ids=ordered, listed_on=None) == msgspec.structs.replace(
            other, ids=tuple(sorted(other.ids, key=lambda one: (one.scheme, one.value)))
        )


def test_kinds_and_what_is_particular_to_them() -> None:
    found = entries_of(read(SDN, sample(SDN)))
    assert [entry.kind for entry in found.values()] == [
        "person",
        "organisation",
        "vessel",
        "aircraft",
        "person",
        "person",
    ]
    assert found["90002"].ids == ids(
        ("tax", "DE 999,999,999"),
        ("registration", "HRB 00001"),
        ("lei", "5493001KJTIIGC8Y1R12"),
        ("registration", "91110000000000001X"),
        ("bic", "BSPLDEFFXXX"),
    )
    assert found["90003"].ids == ids(("imo", "9074729"), ("mmsi", "371000000"))
    assert found["90003"].countries == ("PA",)
    assert found["90005"].names[2].name == "المثال, عبد الله"
    assert found["90006"].names[1].name == "김보기"


@pytest.mark.parametrize(
    "namespace",
    [
        b"https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML",
        b"http://www.un.org/sanctions/1.0",
    ],
)
def test_known_namespaces_are_read(namespace: bytes) -> None:
    text = sample(SDN)[XML]
    known = b"https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML"
    assert read(SDN, {XML: text.replace(known, namespace)}) == read(SDN, {XML: text})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'PartySubTypeID="2"',
            'PartySubTypeID="77"',
            ("/kind", "a party type that is not known: taken as an organisation"),
        ),
        ("<Month>9</Month><Day>29</Day>", "<Month>2</Month><Day>30</Day>", ("/dob", "not a date")),
        ('ISO2="KZ">Kazakhstan', ">Atlantis", ("/countries", "not a country that is known")),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "", ("/wallets", "no address where one is announced")),
        ('ProfileID="90004"', 'ProfileID="99999"', ("/programs", "the party has no sanctions entry")),
        (">EP-XYZ<", "><", ("/names", "expected an array of at least 1; found 0")),
    ],
)
def test_bad_part_is_a_fault_and_the_rest_stays(old: str, new: str, fault: tuple[str, str]) -> None:
    text = sample(SDN)[XML].decode()
    assert old in text
    found = read(SDN, {XML: text.replace(old, new).encode()})
    assert fault in [(field, reason) for _, field, reason in faults_of(found)]
    assert sum(isinstance(part, ListEntry) for part in found) >= 5


def test_second_party_of_a_number_is_a_fault() -> None:
    text = sample(SDN)[XML].decode().replace('Profile ID="90002"', 'Profile ID="90001"')
    faults = [(field, reason) for _, field, reason in faults_of(read(SDN, {XML: text.encode()}))]
    assert faults == [
        ("/entry_id", "an earlier party has this number"),
        ("/entry_id", "a sanctions entry of no party in the file"),
    ]


def test_file_without_reference_values_or_parties_is_refused() -> None:
    text = sample(SDN)[XML].decode()
    with pytest.raises(
        ListRefused, match=r"sdn_advanced\.xml:\d+: a party before the reference values of PartySubType"
    ):
        read(SDN, {XML: text.replace("ReferenceValueSets", "ReferenceValues").encode()})
    with pytest.raises(ListRefused, match=r"sdn_advanced\.xml: no party in it"):
        read(SDN, {XML: text.replace("DistinctParty", "Party").encode()})


def test_missing_file_is_refused_by_name() -> None:
    with pytest.raises(ListRefused, match=r"sdn_advanced\.xml: the file is missing"):
        read(SDN, {})
    files = legacy()
    del files["add.csv"]
    with pytest.raises(ListRefused, match=r"add\.csv: the file is missing"):
        read(SDN, files, LEGACY)


def test_legacy_rows_that_do_not_fit_are_faults() -> None:
    files = legacy()
    sdn = files["sdn.csv"].removesuffix(b"\x1a")
    sdn += (
        sdn.splitlines(keepends=True)[1] + b'90007,"SHORT ROW"\r\n90008,"ODD",weird,SDGT' + b",-0- " * 8 + b"\r\n\x1a"
    )
    alt = files["alt.csv"].removesuffix(b"\x1a") + b'99999,1,"aka","NOBODY",-0- \r\n\x1a'
    found = read(SDN, legacy(sdn=sdn, alt=alt), LEGACY)
    assert faults_of(found) == [
        ("sdn.csv:7", "/entry_id", "an earlier line has this number"),
        ("sdn.csv:9", "/kind", "not individual, vessel, aircraft or empty: taken as an organisation"),
        ("sdn.csv:8", "", "2 fields, not a number and 11 more"),
        ("alt.csv, entry 99999", "/entry_id", "not in sdn.csv"),
    ]
    assert len([part for part in found if isinstance(part, ListEntry)]) == 7


def test_files_of_a_set_that_are_mixed_up_are_refused() -> None:
    files = legacy()
    with pytest.raises(ListRefused, match=r"alt\.csv:1: 6 fields, not a number and 4 more; this is another format"):
        read(SDN, legacy(alt=files["add.csv"], add=files["alt.csv"]), LEGACY)


def test_list_without_a_party_is_refused() -> None:
    with pytest.raises(ListRefused, match=r"sdn\.csv: the file is empty"):
        read(SDN, legacy(sdn=b"\x1a"), LEGACY)


@pytest.mark.parametrize(
    ("remarks", "scheme", "value"),
    [
        ("Passport A0000001 (Iraq) issued 01 Jan 2000 expires 01 Jan 2010.", "passport", "A0000001"),
        ("alt. Passport RL 000001 (Lebanon)", "passport", "RL 000001"),
        ("Diplomatic Passport 000001 (Iran) issued 1999", "passport", "000001"),
        ("Passport OR000001 and Kuwaiti National ID No. 2", "passport", "OR000001"),
        ("National ID No. 000001 00001 (Belgium)", "national_id", "000001 00001"),
        ("Cedula No. 00000001 (Colombia)", "national_id", "00000001"),
        ("C.U.R.P. EXEM000101HSLMSL01 (Mexico)", "national_id", "EXEM000101HSLMSL01"),
        ("SSN 000-00-0000 (United States)", "national_id", "000-00-0000"),
        ("Electoral Registry No. 00000001 (Venezuela)", "national_id", "00000001"),
        ("NIT # 000000001-7 (Colombia)", "tax", "000000001-7"),
        ("V.A.T. Number BE 000,000,001", "tax", "BE 000,000,001"),
        ("US FEIN 00-0000001", "tax", "00-0000001"),
        ("R.F.C. EXE-000101-AB1 (Mexico)", "tax", "EXE-000101-AB1"),
        ("C.R. No. HRB00001 (Germany)", "registration", "HRB00001"),
        ("Public Registration Number 000001, Doc. 000002 (Panama)", "registration", "000001"),
        ("United Social Credit Code Certificate (USCCC) 000000000000000001 (China)", "registration", "0" * 17 + "1"),
        ("Legal Entity Number 000000001 (Netherlands)", "registration", "000000001"),
        ("Identification Number IMO 9074729", "imo", "9074729"),
        ("SWIFT/BIC EXAMDEFF", "bic", "EXAMDEFF"),
        ("D-U-N-S Number 00-000-0001", "duns", "00-000-0001"),
        ("Driver's License No. 000001 (Mexico)", "driving_licence", "000001"),
    ],
)
def test_number_in_remarks_has_scheme_and_value(remarks: str, scheme: str, value: str) -> None:
    assert said(remarks).ids == ids((scheme, value))


@pytest.mark.parametrize(
    "remarks",
    [
        "Phone Number 000000000001.",
        "Fax (000)(00000001)",
        "Aircraft Manufacturer's Serial Number (MSN) 00001",
        "U.S.A. Passport issued 21 Jun 1992 in Amman, Jordan",
        "Executive Order 13662 Directive Determination - Subject to Directive 2",
        "Chinese Commercial Code 0000 0001",
        "Linked To: COMPANY NO. 1 LTD.",
        "member of parliament, 3rd district",
        "",
    ],
)
def test_other_facts_are_passed_over(remarks: str) -> None:
    assert said(remarks) == said("Gender Female")


def test_alias_in_quotes_is_weak_and_keeps_its_apostrophes() -> None:
    names = said("a.k.a. 'ABU 'UMAR'; f.k.a. 'OLD NAME'; alt. DOB 1970.").names[1:]
    assert [(name.name, name.quality) for name in names] == [("ABU 'UMAR", "weak"), ("OLD NAME", "weak")]


def test_announced_wallet_without_an_address_is_a_fault() -> None:
    draft = Draft("1", "person")
    draft.name("EXAMPLE, Ann", "primary")
    read_remarks("Digital Currency Address - XBT", draft)
    assert faults_of(list(draft.finish("remarks"))) == [
        ("remarks", "/wallets", "no address where one is announced"),
    ]


def test_birth_without_a_date_is_passed_over() -> None:
    text = sample(SDN)[XML].decode()
    start, end = text.index("<DatePeriod"), text.index("</DatePeriod>")
    emptied = text[:start] + "<DatePeriod>" + text[end:]
    assert entries_of(read(SDN, {XML: emptied.encode()}))["90001"].dob == ("1981",)


def test_value_of_no_digit_is_no_number() -> None:
    assert listed_id("Registration Number", "unknown") is None
    assert listed_id("Website", "example.org/1") is None
