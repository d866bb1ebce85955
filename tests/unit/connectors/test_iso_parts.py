"""Payees, accounts, rails and texts of ISO 20022 messages, one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from schwifty import IBAN

from sluicegate.connectors.iso_accounts import account, country_of
from sluicegate.connectors.iso_parties import payee
from sluicegate.connectors.iso_rails import rail
from sluicegate.connectors.iso_remittance import blot
from sluicegate.connectors.iso_values import UnusableError
from sluicegate.connectors.pacs008 import CONNECTOR as PACS008
from tests.unit.connectors.iso_files import CONTEXT, sample, taken

KEYS = CONTEXT.keys
PERSON, ORGANISATION = "Cdtr/Id/PrvtId/Othr", "Cdtr/Id/OrgId/Othr"


def other(id: str, code: str = "", own: str = "") -> dict[str, str]:
    return {"Id": id, **({"SchmeNm/Cd": code} if code else {}), **({"SchmeNm/Prtry": own} if own else {})}


def who(record: dict[str, Any]) -> dict[str, Any]:
    found = payee({"Cdtr/Nm": "Ada Example"} | record, "vendor", KEYS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("record", "id"),
    [
        ({PERSON: [other("77", "EMPL")]}, "77"),
        ({PERSON: [other("P1", "CCPT"), other("C-1", "CUST")]}, "C-1"),
        ({PERSON: [other("55", own="Employee ID")]}, "55"),
        ({PERSON: [other("55", own="worker_id")]}, "55"),
        ({ORGANISATION: [other("V1", own="Vendor-Number")]}, "V1"),
        ({"Cdtr/Id/OrgId/LEI": "529900T8BM49AURSDO55"}, "529900T8BM49AURSDO55"),
        ({"Cdtr/Id/OrgId/LEI": "no lei"}, KEYS.payee("ada example")),
        ({PERSON: [other("219-09-9999", "EMPL")]}, KEYS.payee("id\nEMPL\n219-09-9999")),
        ({PERSON: [other("x1234567l", "NIDN")]}, KEYS.payee("id\nNIDN\nX1234567L")),
        ({PERSON: [other("X1", own="SSN")]}, KEYS.payee("id\nSSN\nX1")),
        ({PERSON: [other("X1")]}, KEYS.payee("id\n\nX1")),
        ({PERSON: [{"SchmeNm/Cd": "CUST"}]}, KEYS.payee("ada example")),
        ({ORGANISATION: [{"SchmeNm/Cd": "CUST"}]}, KEYS.payee("ada example")),
        ({PERSON: [other("E" * 129, "EMPL")]}, KEYS.payee("id\nEMPL\n" + "E" * 129)),
        ({}, KEYS.payee("ada example")),
        ({"Cdtr/Nm": "高木"}, KEYS.payee("高木")),
        ({"Cdtr/Nm": "---"}, KEYS.payee("---")),
    ],
)
def test_payee_goes_by_its_own_number_and_never_by_a_national_one(record: dict[str, Any], id: str) -> None:
    assert who(record)["payee_id"] == id


@pytest.mark.parametrize(
    ("record", "tax"),
    [
        ({PERSON: [other("65929970489", "TXID")]}, "65929970489"),
        ({PERSON: [other("219-09-9999")]}, "219099999"),
        ({PERSON: [other("P1", "CCPT")]}, None),
        ({ORGANISATION: [other("12-3456789", "EMPL")]}, "123456789"),
        ({"Tax/Cdtr/TaxId": "DE811"}, "DE811"),
        ({}, None),
    ],
)
def test_tax_numbers_leave_as_hashes(record: dict[str, Any], tax: str | None) -> None:
    assert who(record).get("tax_id_hash") == (tax and KEYS.tax_id(tax))


def test_organisation_has_its_public_numbers() -> None:
    found = who({"Cdtr/Id/OrgId/AnyBIC": "ABNANL2A", ORGANISATION: [other("552100554", "SREN"), other("1", "TXID")]})
    assert found["ids"] == [{"scheme": "bic", "value": "ABNANL2A"}, {"scheme": "registration", "value": "552100554"}]
    assert found["entity_type"] == "organisation"


def held(**more: str) -> dict[str, str]:
    return {"CdtrAcct/Id/Othr/Id": "12345678", "CdtrAgt/FinInstnId/BICFI": "DBSSSGSG"} | {
        key.replace("__", "/"): value for key, value in more.items()
    }


def test_ibans_are_checked_as_schwifty_does() -> None:
    chance, checked = random.Random(7), {"valid": 0, "invalid": 0}
    for _ in range(2000):
        iban = str(IBAN.random(random=chance))
        if chance.random() < 0.5:
            at = chance.randrange(2, len(iban))
            iban = iban[:at] + chance.choice("0123456789ABZ") + iban[at + 1 :]
        expected = "valid" if IBAN(iban, allow_invalid=True).is_valid else "invalid"
        try:
            found = account({"CdtrAcct/Id/IBAN": iban}, "", "", KEYS).block["number_check"]
        except UnusableError:
            found = "invalid"  # letters for check digits
        assert found == expected, iban
        checked[expected] += 1
    assert min(checked.values()) > 500


@pytest.mark.parametrize(
    ("iban", "check"), [("ZZ00123456789012", "not_checked"), ("de89 3704 0044 0532 0130 00", "valid")]
)
def test_iban_of_an_unknown_country_is_not_checked(iban: str, check: str) -> None:
    assert account({"CdtrAcct/Id/IBAN": iban}, "", "", KEYS).block["number_check"] == check


@pytest.mark.parametrize("iban", ["ZZ0012345678", "ZZ00" + "1" * 31, "DE89", "1234", "DE8937040044053201300Ä"])
def test_iban_of_impossible_length_or_signs_is_unusable(iban: str) -> None:
    with pytest.raises(UnusableError) as refused:
        account({"CdtrAcct/Id/IBAN": iban}, "", "", KEYS)
    assert refused.value.key == "CdtrAcct/Id/IBAN"
    assert iban not in str(refused.value)


@pytest.mark.parametrize(
    ("record", "scheme", "country", "check"),
    [
        (held(), "other_bank", "SG", "not_checked"),
        (held(CdtrAgt__FinInstnId__BICFI="XX"), "other_bank", "US", "invalid"),
        (held(CdtrAcct__Id__Othr__SchmeNm__Prtry="card"), "card", "SG", "not_checked"),
        (held(CdtrAcct__Id__Othr__SchmeNm__Prtry="CLABE"), "other_bank", "SG", "not_checked"),
        (held(CdtrAcct__Id__Othr__Id="1" * 18, CdtrAgt__FinInstnId__BICFI="BBVAMXMM"), "clabe", "MX", "not_checked"),
        (held(CdtrAgt__FinInstnId__ClrSysMmbId__ClrSysId__Cd="USABA"), "us_aba", "US", "invalid"),
        ({"CdtrAcct/Id/Othr/Id": "1", "Cdtr/PstlAdr/Ctry": "JP"}, "other_bank", "JP", "not_checked"),
        ({"CdtrAcct/Prxy/Id": "+65-81234567", "CdtrAcct/Prxy/Tp/Cd": "MBNO"}, "other_bank", "US", "not_checked"),
    ],
)
def test_accounts_without_iban(record: dict[str, str], scheme: str, country: str, check: str) -> None:
    block = account(record, "US", "", KEYS).block
    assert (block["scheme"], block["country"], block["number_check"]) == (scheme, country, check)


def test_banks_of_a_country_have_accounts_of_their_own() -> None:
    one, two = (account(held(CdtrAgt__FinInstnId__BICFI=bic), "", "", KEYS) for bic in ("DBSSSGSG", "UOVBSGSG"))
    assert one.block["fp"] != two.block["fp"]
    long = account(held(CdtrAgt__FinInstnId__BICFI="dbsssgsgxxx"), "", "", KEYS)
    assert long.block["fp"] == one.block["fp"]


def test_country_of_the_debtor() -> None:
    assert country_of({"DbtrAcct/Id/IBAN": "de89"}) == "DE"
    assert country_of({"DbtrAgt/FinInstnId/BICFI": "HDFCINBB"}) == "IN"
    assert country_of({"Dbtr/PstlAdr/Ctry": "??"}) == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("TRF", "", "FPS", "", "GBP", "GB", "GB"), "fps"),
        (("TRF", "", "INST", "", "GBP", "GB", "GB"), "fps"),
        (("TRF", "", "INST", "", "CHF", "CH", "CH"), "other"),
        (("TRF", "", "", "NURG", "EUR", "DE", "FR"), "sepa_ct"),
        (("TRF", "", "", "NURG", "EUR", "DE", "US"), "wire"),
        (("TRF", "", "", "", "GBP", "GB", "GB"), "bacs"),
        (("TRF", "", "", "SVDE", "EUR", "DE", "DE"), "check"),
        (("", "ACH", "", "", "USD", "US", "US"), "ach"),
        (("", "ACH", "", "", "PHP", "PH", "PH"), "other"),
        (("", "TCH", "", "", "USD", "US", "US"), "rtp"),
        (("", "???", "", "G001", "USD", "US", "MX"), "wire"),
    ],
)
def test_rail(said: tuple[str, str, str, str, str, str, str], expected: str) -> None:
    assert rail(*said) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to 12 34-56 78, please", "to ...5678, please"),
        ("12345678 and 12345678", "...5678 and ...5678"),
        ("a12345678b", "a...5678b"),
        ("1234567", "1234567"),
        ("Straße 12345678", "Straße ...5678"),
        ("", ""),
    ],
)
def test_account_number_is_blotted_out_of_texts(text: str, expected: str) -> None:
    assert blot(text, "12345678") == expected


def test_short_numbers_are_not_looked_for() -> None:
    assert blot("room 1234", "1234") == "room 1234"


def test_interbank_file_that_is_cut_off_gives_what_is_before() -> None:
    whole = sample("pacs008/sepa-02.xml")
    outcome = taken(PACS008, whole[: whole.index(b"J. van")])
    assert [item.position for item in outcome.items] == [1]
    assert outcome.error is not None
    assert outcome.survey.mismatched("file")
