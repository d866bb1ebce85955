"""csv files: what a mapping may say, what becomes of rows, and where bad ones are."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.connectors.base import Context, Faulty, Transaction
from sluicegate.connectors.csv_file import CONNECTOR
from sluicegate.connectors.importing import Sound, items
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.mapping import FIELDS, Mapping, read_mapping
from sluicegate.errors import FileRefusedError

KEYS = TenantKeys(b"a secret of the tests")
MAPPING = """
[columns]
payment_id = "ref"
"payee.payee_id" = "who"
"account.iban" = "iban"
"amount.value" = "net"
"schedule.run_id" = "run"
"schedule.pay_date" = "paid"
"account.joint" = "joint"
time = "when"
[constants]
"amount.currency" = "EUR"
"schedule.rail" = "sepa_ct"
"""
HEAD = "ref,who,iban,net,run,paid,joint,when"
IBAN = "DE89370400440532013000"


def mapping(text: str = MAPPING) -> Mapping:
    found = read_mapping(text)
    assert isinstance(found, Mapping), found
    return found


CONTEXT = Context("acme", KEYS, mapping=mapping())


def row(**cells: str) -> str:
    given = {"ref": "R1", "who": "E1", "iban": IBAN, "net": "10.00", "run": "JUNE", "paid": "2026-06-30"}
    return ",".join((given | cells).get(name, "") for name in HEAD.split(","))


def read(text: str | bytes, context: Context = CONTEXT) -> list[Transaction | Faulty]:
    file = BytesIO(text.encode() if isinstance(text, str) else text)
    survey = CONNECTOR.survey(file, context)
    file.seek(0)
    return list(CONNECTOR.read(file, context, survey))


def one(text: str | bytes, context: Context = CONTEXT) -> Transaction:
    (found,) = read(text, context)
    assert isinstance(found, Transaction), found
    return found


def fault(text: str | bytes, context: Context = CONTEXT) -> Faulty:
    (found,) = read(text, context)
    assert isinstance(found, Faulty), found
    return found


def test_row_becomes_a_payment_and_its_account_a_fingerprint() -> None:
    found = one(f"{HEAD}\n{row(joint='yes', when='2026-06-24T10:00:00+02:00')}\n")
    assert found.data == {
        "payment_id": "R1",
        "payee": {"payee_id": "E1", "kind": "employee"},
        "account": {
            "fp": KEYS.account("iban", "DE", "", IBAN),
            "scheme": "iban",
            "country": "DE",
            "number_check": "valid",
            "last4": "3000",
            "joint": True,
        },
        "amount": {"value": "10.00", "currency": "EUR"},
        "schedule": {"run_id": "JUNE", "pay_date": "2026-06-30", "rail": "sepa_ct"},
    }
    assert found.time == 1_782_288_000_000_001
    assert found.type == "payroll.payment.v1"


def test_stream_that_is_asked_for_wins_over_the_mapping() -> None:
    found = one(f"{HEAD}\n{row()}\n", replace(CONTEXT, stream="vendor"))
    assert (found.type, found.data["payee"]["kind"]) == ("vendor.payment.v1", "vendor")


@pytest.mark.parametrize(
    ("cells", "column", "reason", "said"),
    [
        ({"net": "-1"}, "net", "bad_amount", "not negative"),
        ({"net": "1,5"}, "", "schema_violation", "expected 8 columns"),
        ({"net": "ten"}, "net", "bad_amount", "an amount"),
        ({"net": "1e3"}, "net", "bad_amount", "an amount"),
        ({"paid": "30.06.2026"}, "paid", "schema_violation", "a date as %Y-%m-%d"),
        ({"joint": "perhaps"}, "joint", "schema_violation", "yes or no"),
        ({"when": "noon"}, "when", "schema_violation", "a time as RFC 3339"),
        ({"iban": ""}, "account.number", "schema_violation", "no account"),
        ({"iban": "DE1"}, "iban", "schema_violation", "IBAN"),
    ],
)
def test_cell_that_cannot_be_used_is_named_by_line_and_column(
    cells: dict[str, str], column: str, reason: str, said: str
) -> None:
    found = read(f"{HEAD}\n{row()}\n{row(ref='R2', **cells)}\n{row(ref='R3')}\n")
    assert [type(each) for each in found] == [Transaction, Faulty, Transaction]
    bad = found[1]
    assert isinstance(bad, Faulty)
    assert (bad.place.line, bad.place.path, bad.reason) == (3, f"column {column}" if column else "", reason)
    assert said in bad.message


def test_message_of_a_fault_repeats_nothing_of_the_cell() -> None:
    assert "4711" not in fault(f"{HEAD}\n{row(net='x4711')}\n").message


def test_line_is_that_in_which_a_row_begins() -> None:
    noted = mapping(MAPPING.replace("[columns]", '[columns]\n"purpose.remittance" = "note"'))
    text = f'{HEAD},note\n{row()},"a\nb\nc"\n{row(ref="R2", net="x")},\n'
    found = read(text, replace(CONTEXT, mapping=noted))
    assert [each.place.line for each in found] == [2, 5]


def test_amounts_and_dates_are_read_as_the_mapping_says() -> None:
    told = 'decimal = ","\nthousands = "."\ndate = "%d.%m.%y"\ndelimiter = ";"\nencoding = "cp1252"\n' + MAPPING
    text = f"{HEAD}\n{row(net='1#234#567_89', paid='30.06.26')}\n".replace(",", ";").replace("#", ".").replace("_", ",")
    found = one(text.encode("cp1252"), replace(CONTEXT, mapping=mapping(told)))
    assert found.data["amount"]["value"] == "1234567.89"
    assert found.data["schedule"]["pay_date"] == "2026-06-30"


def test_value_of_the_file_is_translated() -> None:
    told = MAPPING.replace('"schedule.rail" = "sepa_ct"', "").replace("[columns]", '[columns]\n"schedule.rail" = "how"')
    told += '[values."schedule.rail"]\nSCT = "sepa_ct"\n'
    found = one(f"{HEAD},how\n{row()},SCT\n", replace(CONTEXT, mapping=mapping(told)))
    assert found.data["schedule"]["rail"] == "sepa_ct"


def test_columns_go_by_number_where_there_is_no_header() -> None:
    told = """
    header = false
    [columns]
    "payee.name" = "1"
    "account.fp" = "2"
    "amount.value" = "3"
    [constants]
    "amount.currency" = "USD"
    "account.scheme" = "us_aba"
    "account.country" = "US"
    """
    own = "fp_" + "0123456789abcdef" * 2
    found = one(f"Ann Lee,{own},7\n", replace(CONTEXT, mapping=mapping(told)))
    assert found.data["account"]["fp"] == own
    for raw in (IBAN, "fp_x", "123456789012345678"):
        assert "expected a fingerprint" in fault(f"Ann Lee,{raw},7\n", replace(CONTEXT, mapping=mapping(told))).message
    assert found.data["payee"]["payee_id"] == KEYS.payee("ann lee")


def test_social_security_number_does_not_leave_as_payee_id() -> None:
    found = one(f"{HEAD}\n{row(who='078-05-1120')}\n")
    assert found.data["payee"]["payee_id"].startswith("py_")


def test_equal_rows_are_two_payments_only_where_none_of_them_says_which_it_is() -> None:
    unnamed = replace(CONTEXT, mapping=mapping(MAPPING.replace('payment_id = "ref"\n', "")))
    text = f"{HEAD}\n{row()}\n{row()}\n"
    for context, count in ((CONTEXT, 1), (unnamed, 2)):
        file = BytesIO(text.encode())
        found = items(CONNECTOR, file, context, CONNECTOR.survey(file, context), "", arrives=False)
        assert len({msgspec.json.decode(each.value)["id"] for each in found if isinstance(each, Sound)}) == count


def test_row_put_above_others_leaves_their_ids_alone() -> None:
    def ids(*rows: str) -> list[str]:
        file = BytesIO("\n".join((HEAD, *rows, "")).encode())
        found = items(CONNECTOR, file, CONTEXT, CONNECTOR.survey(file, CONTEXT), "", arrives=False)
        return [msgspec.json.decode(each.value)["id"] for each in found if isinstance(each, Sound)]

    assert ids(row(ref="R0"), row()) == [*ids(row(ref="R0")), *ids(row())]


def test_footer_is_a_control_and_a_difference_marks_the_payments() -> None:
    told = MAPPING + '[footer]\ncolumn = "ref"\nvalue = "SUM"\nsum = "net"\ncount = "who"\n'
    context = replace(CONTEXT, mapping=mapping(told))
    good, bad = (f"{HEAD}\n{row()}\nSUM,1,,{total},,,,\n" for total in ("10.00", "11.00"))
    assert one(good, context).data["batch"] == {"id": "file", "control": "ok"}
    assert one(bad, context).data["batch"] == {"id": "file", "control": "mismatch"}
    survey = CONNECTOR.survey(BytesIO(bad.encode()), context)
    assert [(each.what, each.announced, each.found, each.ok) for each in survey.controls] == [
        ("total", Decimal("11.00"), Decimal("10.00"), False),
        ("transactions", Decimal(1), Decimal(1), True),
    ]
    with pytest.raises(FileRefusedError, match=r"line 2: .*row of totals"):
        read(f"{HEAD}\n{row()}\n", context)


def test_runs_are_counted_and_added_up_by_currency() -> None:
    told = MAPPING.replace('"amount.currency" = "EUR"', "").replace("[columns]", '[columns]\n"amount.currency" = "cur"')
    rows = [
        f"{row(ref=f'R{n}', run=run)},{cur}" for n, (run, cur) in enumerate([("A", "EUR"), ("A", "USD"), ("B", "EUR")])
    ]
    file = BytesIO("\n".join((f"{HEAD},cur", *rows, "")).encode())
    survey = CONNECTOR.survey(file, replace(CONTEXT, mapping=mapping(told)))
    assert [(each.run_id, each.payments, each.totals) for each in survey.runs] == [
        ("A", 2, {"EUR": Decimal("10.00"), "USD": Decimal("10.00")}),
        ("B", 1, {"EUR": Decimal("10.00")}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "line 1: no header"),
        (b"a,b\n1,2\n", "line 1: no column ref, who"),
        (HEAD.replace("paid", "ref").encode() + b"\n", "paid"),
        ((HEAD + "\n").encode("utf-16-le")[1:], "line 1"),
    ],
)
def test_file_of_another_shape_is_refused_as_a_whole(text: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said):
        read(text)


def test_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="several columns net"):
        read(f"{HEAD},net\n{row()},1\n")


def test_bytes_of_another_encoding_are_told_with_their_column() -> None:
    bad = fault(f"{HEAD}\n{row(who='Jörg')}\n".encode("latin-1"))
    assert (bad.place.path, bad.reason) == ("column who", "not_json")


def test_limit_of_cells_is_put_back_and_a_line_without_end_is_refused() -> None:
    before = csv.field_size_limit()
    for long in (f'{HEAD}\n"{"x" * 200_000}"\n', f"{HEAD}\n{',' * 200_000}"):
        with pytest.raises(FileRefusedError, match="line 2: longer"):
            read(long)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("rows", [3, 40, 3000])
def test_quote_that_is_opened_by_mistake_hides_no_rows(rows: int) -> None:
    lines = [row(ref=f"R{n}") for n in range(rows)]
    lines[1] = '"' + lines[1]
    with pytest.raises(FileRefusedError, match=r"line 3: .*quote"):
        read("\n".join((HEAD, *lines, "")))


def test_run_counts_rows_that_cannot_be_used_and_is_not_clear_without_them() -> None:
    text = f"{HEAD}\n{row()}\n{row(ref='R2', net='x')}\n{row(ref='R3', when='noon')}\n{row(ref='R4')},more\n"
    (announced,) = CONNECTOR.survey(BytesIO(text.encode()), CONTEXT).runs
    assert (announced.payments, announced.totals) == (4, {"EUR": Decimal("30.00")})


def test_row_with_a_bad_date_does_not_make_the_totals_differ() -> None:
    told = MAPPING + '[footer]\ncolumn = "ref"\nvalue = "SUM"\nsum = "net"\n'
    text = f"{HEAD}\n{row()}\n{row(ref='R2', paid='June')}\nSUM,,,20.00,,,,\n"
    found = read(text, replace(CONTEXT, mapping=mapping(told)))
    assert isinstance(found[0], Transaction)
    assert found[0].data["batch"]["control"] == "ok"


def test_account_number_leaves_in_no_other_field() -> None:
    noted = mapping(MAPPING.replace("[columns]", '[columns]\n"purpose.remittance" = "note"'))
    spaced = " ".join(IBAN[at : at + 4] for at in range(0, len(IBAN), 4))
    for cells in ({}, {"ref": IBAN}, {"who": IBAN.lower()}):
        found = one(f"{HEAD},note\n{row(**cells)},to {spaced} please\n", replace(CONTEXT, mapping=noted))
        told = str(found.data).replace(" ", "").upper()
        assert IBAN not in told
        assert "PLEASE" in told


@pytest.mark.parametrize("amount", ["12.50", "1.2345,00", ".500", "1234.567", "1 23,00", "1.000.00"])
def test_thousands_stand_in_groups_of_three_or_it_is_no_amount(amount: str) -> None:
    told = 'decimal = ","\nthousands = "."\ndelimiter = ";"\n' + MAPPING
    text = f"{HEAD}\n{row(net='@')}\n".replace(",", ";").replace("@", amount)
    assert fault(text, replace(CONTEXT, mapping=mapping(told))).reason == "bad_amount"


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01", "9999-12-31"])
def test_time_at_the_end_of_the_calendar_is_a_fault_or_a_time(when: str) -> None:
    for zone in (UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")):
        assert len(read(f"{HEAD}\n{row(when=when)}\n", replace(CONTEXT, zone=zone))) == 1


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_anything_but_a_refusal(tail: bytes, headed: bool) -> None:
    text = (f"{HEAD}\n{row()}\n".encode() if headed else b"") + tail
    try:
        found = read(text)
    except FileRefusedError:
        return
    assert [each.position for each in found] == [*range(1, len(found) + 1)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("delimeter = ';'", "1: delimeter: unknown key; did you mean delimiter?"),
        ("[columns]\n'payee.nme' = 'x'", "2: columns.payee.nme: no field of a payment; did you mean payee.name?"),
        (MAPPING + "payment_id = 'x'", "14: constants.payment_id: has a column already"),
        (MAPPING + "[values.'payee.name']\na = 'b'", "14: values.payee.name: has no column"),
        ("header = false\n" + MAPPING, "4: columns.payment_id: expected the column's number"),
        ("[columns]", "1: columns: amount.value is needed"),
        ("delimiter = ';;'\n[columns]", "1: delimiter: Expected `str` of length <= 1"),
        ("thousands = '.'\n" + MAPPING, "1: thousands: is the same as decimal"),
        ("encoding = 'klingon'\n" + MAPPING, "1: encoding: is no encoding"),
        ("skip = ", "no TOML"),
        (MAPPING + "[footer]\ncolumn = 'ref'", "footer"),
        (MAPPING + "'amount_base.value' = '12,50'", "14: constants.amount_base.value: no decimal"),
        (MAPPING + "'payee.remote' = 'perhaps'", "14: constants.payee.remote: no bool"),
        ("date = '%d.%d.%Y'\n" + MAPPING, "1: date: is no form of a date"),
        ("encoding = 'base64'\n" + MAPPING, "1: encoding: is no encoding"),
        (
            MAPPING.replace("[columns]", "[columns]\n'account.fp' = 'fp'"),
            "3: columns.account.fp: stands beside account.iban",
        ),
    ],
)
def test_fault_of_a_mapping_has_its_line_and_what_is_allowed(text: str, fault: str) -> None:
    found = read_mapping(text)
    assert isinstance(found, list)
    assert any(fault in each for each in found), found


def test_fields_are_those_of_a_payment() -> None:
    assert {"payee.payee_id", "amount.value", "schedule.run_id", "account.iban", "time"} <= {*FIELDS}
    assert FIELDS["schedule.pay_date"].kind == "date"
    assert FIELDS["purpose.gross"].kind == "decimal"
    assert FIELDS["approval.approved_at"].kind == "time"
