"""Files that are cut off, attack their reader, or come in other encodings and shapes; memory; mutations."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.connectors.base import Transaction
from sluicegate.connectors.iso_reader import DEEPEST, LONGEST_TOKEN, MOST_REPEATS
from sluicegate.connectors.pain001 import CONNECTOR
from sluicegate.errors import FileRefusedError
from tests.unit.connectors.iso_files import (
    CONTEXT,
    NAMES,
    connector_of,
    event,
    ids,
    reformatted,
    sample,
    taken,
    transactions,
)

PAYROLL = sample("pain001/sepa-payroll-03.xml")
HEAD = PAYROLL[: PAYROLL.index(b"      <CdtTrfTxInf>")]
ONE = PAYROLL[PAYROLL.index(b"      <CdtTrfTxInf>") : PAYROLL.index(b"      </CdtTrfTxInf>") + 21]
TAIL = b"    </PmtInf></CstmrCdtTrfInitn></Document>\n"
RAW = (
    b"DE12500105170648489890 FR1420041010050500013M02606 NL91ABNA0417164300 AT611904300234573201 65929970489 "
    b"0098765432 55512345 219-09-9999 219099999 219099998 12-3456789 55779911 GB33BUKB20201555555555 "
    b"GB60BARC20000055779912 DE811569869 DE75512108001245126199 81234567 501000123456 700012345 "
    b"012180001234567891 0729912345 DE89370400440532013000 1029384756 asha@examplewallet"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_whole_and_each_transaction_passes_intake(name: str) -> None:
    connector = connector_of(name)
    outcome = taken(connector, sample(name))
    assert outcome.error is None
    assert outcome.survey.transactions == len(outcome.items) > 0
    assert all(control.ok for control in outcome.survey.controls)
    assert [item.position for item in outcome.items] == list(range(1, len(outcome.items) + 1))
    found = [event(connector, item) for item in outcome.items if isinstance(item, Transaction)]
    assert len({one.time for one in found}) == len({one.id for one in found}) == len(outcome.items)


@pytest.mark.parametrize("name", NAMES)
def test_raw_numbers_of_accounts_and_people_are_nowhere_in_the_events(name: str) -> None:
    text = msgspec.json.encode([one.data for one in transactions(connector_of(name), sample(name))])
    bare = text.replace(b" ", b"")
    assert not [number for number in RAW if number in bare or number.replace(b"-", b"") in bare]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("prefix", "between"), [(b"", b""), (b"q:", b"\n\t"), (b"q:", b"\n<!-- & -->\r\n  ")])
def test_other_prefixes_and_white_space_give_the_same_ids(name: str, prefix: bytes, between: bytes) -> None:
    content = sample(name)
    other = reformatted(content, prefix, between)
    assert other != content
    assert ids(connector_of(name), other) == ids(connector_of(name), content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_give_the_same_ids(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = PAYROLL.decode().replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert ids(CONNECTOR, text.encode(encoding)) == ids(CONNECTOR, PAYROLL)


@pytest.mark.parametrize("name", ["punycode", "utf-7", "nonsense", "rot13", "utf-32"])
def test_unknown_encoding_is_refused(name: str) -> None:
    with pytest.raises(FileRefusedError, match="line 1: "):
        taken(CONNECTOR, PAYROLL.replace(b'"UTF-8"', f'"{name}"'.encode()))


def test_file_that_is_cut_off_gives_what_is_before_and_the_line() -> None:
    cut = PAYROLL[: PAYROLL.index(b"<Nm>J. van")]
    outcome = taken(CONNECTOR, cut)
    assert [item.position for item in outcome.items] == [1, 2]
    assert outcome.error == "line 127: the file is cut off here; ask the sender for the whole file"
    assert outcome.survey.transactions == 2
    assert outcome.survey.mismatched("file")
    whole = ids(CONNECTOR, PAYROLL)
    assert [one.identity for one in outcome.items if isinstance(one, Transaction)] == [
        one.identity for one in transactions(CONNECTOR, PAYROLL)
    ][:2]
    assert len(whole) == 4


def test_broken_file_gives_what_is_before_and_the_line() -> None:
    outcome = taken(CONNECTOR, PAYROLL.replace(b"<Nm>J. van", b"<Nm>J. & van"))
    assert len(outcome.items) == 2
    assert outcome.error is not None
    assert outcome.error.startswith("line 127: no well-formed XML")


ATTACKS = {
    "billion laughs": b'<!DOCTYPE D [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "external entity": b'<!DOCTYPE D [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "external definition": b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd">',
    "parameter entity": b'<!DOCTYPE D [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>',
    "bare definition": b"<!DOCTYPE Document>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_document_type_declarations_are_refused_before_anything_is_read(attack: str) -> None:
    content = PAYROLL.replace(b"<Document", ATTACKS[attack] + b"<Document").replace(b"Gehalt", b"&b;&x;")
    with pytest.raises(FileRefusedError, match=r"line 2: a document type declaration.* do not import"):
        taken(CONNECTOR, content)


def test_undefined_entity_is_refused() -> None:
    outcome = taken(CONNECTOR, PAYROLL.replace(b"Ana P", b"&ana; P"))
    assert len(outcome.items) == 1
    assert outcome.error is not None
    assert outcome.error.startswith("line 92: no well-formed XML")


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"{}", b"5225ACME", b"\0\0\0", b"<a/>", b"<?xml version='1.0'?><Document/>"]
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(FileRefusedError, match="line 1: "):
        taken(CONNECTOR, content)


def test_file_of_another_message_is_refused_by_name() -> None:
    with pytest.raises(FileRefusedError, match="no CstmrCdtTrfInitn in it"):
        taken(CONNECTOR, sample("pacs008/fednow-08.xml"))


def test_sniffing_tells_the_messages_apart_in_any_encoding() -> None:
    for name in NAMES:
        for other in NAMES:
            content = sample(name).decode("utf-8" if b"ISO-8859" not in sample(name) else "latin-1")
            for head in (content.encode()[:4096], content.encode("utf-16")[:4096]):
                assert connector_of(other).sniff(head) == (connector_of(other) is connector_of(name))


class Stream(RawIOBase):
    """Bytes made while they are read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        out, self.rest = self.rest[:size], self.rest[size:]
        return out


def repeated(part: bytes, times: int) -> Iterator[bytes]:
    for _ in range(times):
        yield part


def peak(parts: Iterator[bytes]) -> tuple[int, int, str]:
    """Items and peak of memory, in bytes, of reading a file that nobody holds; and the refusal, if any."""
    survey = CONNECTOR.survey(BytesIO(HEAD + ONE + TAIL), CONTEXT)
    items, error = 0, ""
    tracemalloc.start()
    try:
        for _ in CONNECTOR.read(Stream(parts), CONTEXT, survey):  # type: ignore[arg-type]
            items += 1
    except FileRefusedError as refused:
        error = str(refused)
    finally:
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return items, highest, error


def whole(*parts: Iterator[bytes]) -> Iterator[bytes]:
    yield HEAD
    for part in parts:
        yield from part
    yield TAIL


def test_memory_does_not_grow_with_the_file() -> None:
    peak(whole(repeated(ONE, 500)))  # what is loaded once
    small, large = peak(whole(repeated(ONE, 2000))), peak(whole(repeated(ONE, 8000)))
    assert (small[0], large[0]) == (2000, 8000)
    assert large[1] < small[1] * 1.2 + 200_000


MEBI = 1 << 20


@pytest.mark.parametrize(
    ("opening", "part", "closing"),
    [
        (b"<Nm>", b"A" * MEBI, b"</Nm>"),
        (b"<Nm>", b"<![CDATA[" + b"A" * 1000 + b"]]>", b"</Nm>"),
        (b"<Unknown>", b"A" * MEBI, b"</Unknown>"),
        (b"<RmtInf>", b"<Ustrd>long</Ustrd>" * 1000, b"</RmtInf>"),
        (b"<RmtInf>", b"<Strd><RfrdDocInf><Nb>1</Nb></RfrdDocInf></Strd>" * 1000, b"</RmtInf>"),
        (b"", b"<Other a='1'><b/></Other>" * 1000, b""),
        (b"", b"\n" * MEBI, b""),
    ],
    ids=["text", "cdata", "unknown", "lines", "documents", "elements", "blanks"],
)
def test_nothing_within_a_transaction_fills_the_memory(opening: bytes, part: bytes, closing: bytes) -> None:
    start, end = ONE.split(b"<Cdtr>", 1)
    body = [iter([start + opening]), repeated(part, 24), iter([closing + b"<Cdtr>" + end])]
    items, highest, error = peak(whole(*body))
    assert (items, error) == (1, "")
    assert highest < 12 * MEBI


@pytest.mark.parametrize(
    ("opening", "part", "words"),
    [
        (b"<!-- ", b"A" * MEBI, "a tag or comment of more than"),
        (b"<Other a='", b"A" * MEBI, "a tag or comment of more than"),
        (b"", b"<a>" * DEEPEST, "elements nest deeper"),
    ],
)
def test_what_the_parser_would_hold_as_a_whole_is_refused(opening: bytes, part: bytes, words: str) -> None:
    items, highest, error = peak(whole(iter([ONE, opening]), repeated(part, 64)))
    assert (items, words in error) == (1, True), error
    assert highest < 4 * LONGEST_TOKEN


def test_envelope_that_nests_without_end_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="nest deeper"):
        taken(CONNECTOR, b"<a>" * (DEEPEST + 1))


def test_repeats_over_the_bound_are_not_read() -> None:
    content = HEAD + ONE.replace(b"<RmtInf>", b"<RmtInf>" + b"<Ustrd>x</Ustrd>" * 2 * MOST_REPEATS) + TAIL
    (one,) = transactions(CONNECTOR, content)
    assert one.data["purpose"]["remittance"] == " ".join("x" * MOST_REPEATS)[:1024]


@given(st.data())
def test_mutated_bytes_raise_nothing_but_a_refusal(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    content = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        kind = data.draw(st.sampled_from(["set", "cut", "insert", "drop"]))
        some = data.draw(
            st.sampled_from([b"<", b">", b"&", b"\0", b"\xff", b"-", b"/>", b"]]>", b"9", b" ", b"\xed\xa0\x80"])
        )
        if kind == "set":
            content[at : at + 1] = some
        elif kind == "insert":
            content[at:at] = some * data.draw(st.integers(1, 20))
        elif kind == "drop":
            del content[at : at + data.draw(st.integers(1, 40))]
        else:
            del content[max(at, 1) :]
    connector = connector_of(name)
    try:
        outcome = taken(connector, bytes(content))
    except FileRefusedError:
        return
    assert outcome.error is not None or outcome.survey.transactions == len(outcome.items)
    for item in outcome.items:
        if isinstance(item, Transaction):
            event(connector, item)


@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            b"J\xc3\xbcrgen M\xc3\xbcller-L\xc3\xbcdenscheid",
            b"L-0001",
            b"INGDDEFFXXX",
            b"SALA",
            b"DE12500105170648489890",
            b"2850.25",
            b"1985-03-09",
            b"Gehalt Juni 2026",
            b"PAY-2026-06-A",
            b"SEPA",
            b"2026-06-29",
        ]
    ),
)
def test_any_text_in_any_field_passes_intake_or_is_a_fault(text: str, field: bytes) -> None:
    clean = "".join(c for c in text if c.isprintable() and not 0xD800 <= ord(c) < 0xE000 and c not in "\ufffe\uffff")
    escaped = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    outcome = taken(CONNECTOR, PAYROLL.replace(field, escaped.encode()))
    assert outcome.error is None
    assert len(outcome.items) == 4
    for item in outcome.items:
        if isinstance(item, Transaction):
            event(CONNECTOR, item)
