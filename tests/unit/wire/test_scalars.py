"""Instants and their text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.wire.scalars import EPOCH, Instant, dec_hook, enc_hook, format_time, parse_time

FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999


@settings(deadline=None)
@given(st.integers(FIRST, LAST))
def test_every_instant_round_trips(us: int) -> None:
    assert parse_time(format_time(us)) == us


@settings(deadline=None)
@given(st.datetimes(), st.integers(-1439, 1439))
def test_offset_is_taken_off(moment: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    found = parse_time(f"{moment.isoformat()}{sign}{hours:02}:{rest:02}")
    since = moment.replace(tzinfo=UTC) - EPOCH
    us = (since.days * 86_400 + since.seconds - minutes * 60) * 1_000_000 + since.microseconds
    assert found == (us if FIRST <= us <= LAST else None)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_an_instant_or_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_000, "1970-01-01T00:00:00.001Z"),
        (1_500, "1970-01-01T00:00:00.001500Z"),
    ],
)
def test_fraction_is_left_out_or_has_three_or_six_digits(us: int, text: str) -> None:
    assert (format_time(us), parse_time(text)) == (text, us)


def test_instants_out_of_the_calendar_have_no_text() -> None:
    with pytest.raises(OverflowError):
        format_time(10**18)


def test_hooks_know_instants_only() -> None:
    assert dec_hook(Instant, "1970-01-01T00:00:00Z") == Instant(0)
    assert enc_hook(Instant(0)) == "1970-01-01T00:00:00Z"
    for bad in ("1970-01-01", 0, None):
        with pytest.raises(ValueError, match="timestamp"):
            dec_hook(Instant, bad)
    with pytest.raises(NotImplementedError, match="object"):
        enc_hook(object())
