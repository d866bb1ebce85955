"""Alerts in words."""

import msgspec

from sluicegate.cli.alert_text import Reason, Subject, View, decode, letter_text, text
from sluicegate.wire.decode import Reject
from sluicegate.wire.letters import dead_letter, encode_letter


def test_unknown_fields_and_values_are_shown_as_they_are() -> None:
    alert = decode(
        msgspec.json.encode({"type": "alert.v1", "data": {"severity": "dire", "score": 99, "new": {"a": 1}}})
    )
    assert alert is not None
    assert text(alert).plain.startswith("DIRE 99 ")


def test_what_is_no_event_is_none() -> None:
    assert [decode(value) for value in (b"", b"{", b"[]", b"\xff", b'{"type":1,"data":{}}')] == [None] * 5


def test_text_of_payees_cannot_write_on_the_screen() -> None:
    alert = View(
        title="\x1b[2J\u202e", subject=Subject("payee", "a\nb", "\x9b1m"), reasons=[Reason("r", "x\r\x07", 40)]
    )
    shown = text(alert).plain
    assert not any(char in shown for char in "\x1b\u202e\x9b\r\x07")
    assert "payee a?b (?1m)" in shown


def test_notes_tell_updates_closings_and_shadow() -> None:
    assert "revision 3" in text(View(activity="update", revision=3)).plain
    assert (
        "closed: explained by late change"
        in text(View(activity="close", close_reason="explained_by_late_change")).plain
    )
    shadow = text(View(severity="high", mode="shadow", notice=True, retroactive=True)).plain
    assert shadow.startswith("SIGNAL")
    assert "found later  shadow  notice" in shadow


def test_dead_letter_is_shown_without_its_value() -> None:
    reject = Reject("bad_amount", "/data/amount/value", "a number")
    letter = dead_letter(reject, b"secret", topic="vendor-payments", partition=1, offset=7, received_at=0)
    shown = letter_text(encode_letter(letter)).plain
    assert "bad_amount" in shown
    assert "vendor-payments/1/7" in shown
    assert "/data/amount/value a number" in shown
    assert "secret" not in shown
    assert letter_text(b"{").plain == "(no dead letter)"
