"""Whatever bytes come: nothing but a refusal is raised, and no account number leaves."""

from __future__ import annotations

import re
from io import BytesIO

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.connectors.base import Faulty, Transaction
from sluicegate.connectors.importing import Refused
from sluicegate.connectors.importing import items as imported
from sluicegate.connectors.nacha import CONNECTOR
from sluicegate.errors import FileRefusedError
from tests.unit.connectors.nacha_build import (
    BANK,
    AchFile,
    exchange,
    international,
    mixed,
    notices,
    payroll,
    returns,
    vendors,
)
from tests.unit.connectors.nacha_read import CONTEXT, KEYS, ids, items

FILES = [make().bytes() for make in (payroll, vendors, exchange, international, returns, notices, mixed)]
FILES.append(payroll().bytes(""))
NUMBERS = [number.encode() for number in (
    "004417820915", "77120045530", "930011745518", "5500184422", "661200459913", "440077315566", "120077881234",
    "072580001234567897", "DE89370400440532013000", "100200300400", "004417820916", "078051120",
)]  # fmt: skip

edits = st.lists(
    st.tuples(st.integers(0, 6_000), st.sampled_from(["set", "cut", "copy"]), st.binary(min_size=1, max_size=100)),
    min_size=1,
    max_size=6,
)


def damaged(content: bytes, changes: list[tuple[int, str, bytes]]) -> bytes:
    raw = bytearray(content)
    for place, kind, text in changes:
        at = place % (len(raw) or 1)
        if kind == "set":
            raw[at : at + len(text)] = text
        elif kind == "cut":
            del raw[at : at + len(text)]
        else:
            raw[at:at] = raw[at : at + len(text) * 3]
    return bytes(raw)


def read_or_refused(content: bytes) -> list[Transaction | Faulty]:
    """What is in it, nothing where it is refused, with its line."""
    refusal = "line 1: "
    found: list[Transaction | Faulty] = []
    try:
        found = items(content)
    except FileRefusedError as error:
        refusal = str(error)
    assert re.match(r"line \d+: ", refusal)
    return found


@settings(max_examples=300, deadline=None)
@given(content=st.sampled_from(FILES), changes=edits)
def test_damaged_file_is_read_or_refused_with_its_line(content: bytes, changes: list[tuple[int, str, bytes]]) -> None:
    for one in read_or_refused(damaged(content, changes)):
        assert one.place.line > 0
        assert not isinstance(one, Faulty) or one.message


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_after_a_header_are_read_or_refused(content: bytes) -> None:
    head = AchFile().head.encode()
    for raw in (content, head + b"\n" + content, head + content):
        read_or_refused(raw)


def told(content: bytes) -> bytes:
    """All that leaves: events and dead letters."""
    file = BytesIO(content)
    try:
        survey = CONNECTOR.survey(file, CONTEXT)
        found = list(imported(CONNECTOR, file, CONTEXT, survey, "", arrives=False))
    except FileRefusedError as error:
        return str(error).encode()
    shown = [msgspec.json.encode(one.letter) if isinstance(one, Refused) else one.value for one in found]
    return b"\n".join([*shown, *(repr(control).encode() for control in survey.controls)])


def test_no_account_or_social_security_number_leaves() -> None:
    for content in FILES:
        assert [number for number in NUMBERS if number in told(content)] == []


@settings(max_examples=200, deadline=None)
@given(
    number=st.from_regex(r"[0-9A-Z]{8,17}", fullmatch=True),
    id=st.one_of(st.just(""), st.from_regex(r"[0-9A-Z\-]{1,15}", fullmatch=True)),
    same=st.booleans(),
    cents=st.integers(1, 10**10 - 1),
)
def test_account_number_leaves_neither_as_such_nor_as_identification_or_text(
    number: str, id: str, same: bool, cents: int
) -> None:
    file = AchFile()
    batch = file.batch("CCD", descriptor="VENDORS", company_id="ZZZZZZZZZZ")
    batch.entry("22", BANK, number, cents, number[:15] if same else id, "MILL FLOUR CO", (f"to account {number}",))
    (one,) = items(file.bytes())
    assert isinstance(one, Transaction)
    assert one.data["amount"]["value"] == f"{cents // 100}.{cents % 100:02}"
    assert one.data["account"]["fp"] == KEYS.account("us_aba", "US", BANK, number)
    hidden = {**one.data, "account": None, "amount": None, "payment_id": None}
    assert number not in str(hidden)


@settings(max_examples=50, deadline=None)
@given(end=st.sampled_from(["\n", "\r\n", ""]), cut=st.booleans())
def test_event_ids_do_not_depend_on_line_ends(end: str, cut: bool) -> None:
    content = mixed().bytes(end)
    if cut and end:
        content = b"".join(line.rstrip() + b"\n" for line in content.split(b"\n"))
    assert ids(content) == ids(mixed().bytes())
