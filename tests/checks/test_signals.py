"""The same checks for every signal: scoring is pure, state restores to the bit, memory is bounded, no odd values."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river.checks import common

from sluicegate.detection.habits import MOST_BYTES, pack, unpack
from sluicegate.signals.base import BOTH, PAYROLL, Signal, X
from sluicegate.signals.limit import ROUND
from sluicegate.signals.registry import ON, SIGNALS


def payment(amount: float, at: int = 0, **more: Any) -> X:
    """A payment with all features, which differ a little with `at`."""
    stream = BOTH[at % 7 == 0]
    return {
        "stream": stream,
        "amount": amount,
        "limit_amount": amount,
        "limit_currency": "USD",
        "value": repr(amount),
        "currency": "USD",
        "regular": amount,
        "overtime": (0.0, 0.1, 0.75)[at % 3],
        "group": 1 + at % 3,
        "currency_group": 0,
        "department": (None, "Parks", "Housing")[at % 3],
        "category": f"C{at % 40}",
        "run": f"R{at // 20}" if stream == PAYROLL else None,
        "run_type": (None, "off_cycle")[at % 11 == 0],
        "off_cycle": at % 11 == 0,
        "weekday": at % 7,
        "payments": at,
        "limits": ROUND,
        "gap": (0.0, 0.5, 14.0, 200.0)[at % 4],
        "day": at % 5,
        "in_run": at % 2,
        "near_limit_week": at % 3,
        "same_amount": at % 2,
        "same_days": (None, 3.5)[at % 2],
        "account_paid": at % 6,
        "account_new": at % 5 == 0,
        "account_others": at % 4,
    } | more


PAYMENTS = [payment(float(f"{1000 + 37 * n % 400}.{n % 100:02d}"), n) for n in range(200)]
ODD = (0.0, 5e-324, 1e-18, 1.0, 1e18 - 1e-18, 1.7976931348623157e308)
CHECKS = (
    *("check_repr", "check_str", "check_tags", "check_doc", "check_clone_same_class"),
    *("check_init_default_params_are_not_mutable", "check_get_params_matches_signature"),
    *("check_pickling_supports_roundtrip", "check_init_has_default_params_for_tests"),
)
CHECKS_ON_DATA = (
    *("check_learn_one", "check_pickling", "check_predict_one_pure", "check_predict_one_before_any_learn"),
    *("check_shuffle_features_no_impact", "check_no_state_aliasing_with_input", "check_bounded_memory_growth"),
)
"""Of River's own; left out are those where features come and go: a payment always has an amount."""


EACH = pytest.mark.parametrize("kind", SIGNALS, ids=lambda kind: kind.__name__)
whole = st.integers(min_value=0, max_value=300)
amounts = st.floats(min_value=0, allow_nan=False, allow_infinity=False) | st.sampled_from(ODD)


def taught(kind: type[Signal], payments: list[X]) -> Signal:
    signal = kind()
    for x in payments:
        signal.learn_one(x)
    return signal


def state_of(signal: Signal) -> X:
    """What a signal is made of is what its constructor takes."""
    return {name: getattr(signal, name) for name in inspect.signature(type(signal)).parameters}


def restored(signal: Signal) -> Signal:
    """Through the codec of state records and back."""
    return type(signal)(**msgspec.msgpack.decode(msgspec.msgpack.encode(state_of(signal))))


def drawn(data: st.DataObject) -> list[X]:
    return [payment(*one) for one in data.draw(st.lists(st.tuples(amounts, whole), min_size=1, max_size=20))]


def test_signals_are_found_and_each_has_a_name_of_its_own() -> None:
    assert SIGNALS
    assert len({kind.NAME for kind in SIGNALS}) == len(SIGNALS)
    assert all(kind.NAME and kind.TITLE and kind.VERSION and kind.STREAMS and kind.WEIGHT > 0 for kind in SIGNALS)


@EACH
def test_docstring_has_range_state_cost_and_an_example(kind: type[Signal]) -> None:
    text = kind.__doc__ or ""
    assert all(word in text for word in ("Range", "State:", "Cost:", ">>> "))
    assert kind.VERSION


@EACH
@settings(deadline=None)
@given(st.data())
def test_scoring_and_explaining_change_nothing(kind: type[Signal], data: st.DataObject) -> None:
    signal = taught(kind, drawn(data))
    before = msgspec.msgpack.encode(state_of(signal))
    x = payment(data.draw(amounts), data.draw(whole))
    first = signal.score_one(dict(x))
    signal.explain(dict(x))
    assert signal.score_one(dict(x)) == first
    assert msgspec.msgpack.encode(state_of(signal)) == before


@EACH
@settings(deadline=None)
@given(st.data())
def test_restored_signal_goes_on_to_the_bit(kind: type[Signal], data: st.DataObject) -> None:
    going_on = taught(kind, drawn(data))
    again = restored(going_on)
    for x in drawn(data):
        assert again.score_one(x) == going_on.score_one(x)
        assert again.explain(x) == going_on.explain(x)
        for signal in (again, going_on):
            signal.learn_one(x)
    assert msgspec.msgpack.encode(state_of(again)) == msgspec.msgpack.encode(state_of(going_on))


@EACH
@settings(deadline=None)
@given(st.data())
def test_no_payment_gives_an_infinite_or_undefined_score(kind: type[Signal], data: st.DataObject) -> None:
    score = taught(kind, drawn(data)).score_one(payment(data.draw(amounts), data.draw(whole)))
    assert math.isfinite(score)
    assert score >= 0


@EACH
def test_what_is_kept_of_a_payee_fits_its_bound(kind: type[Signal]) -> None:
    kept = {len(taught(kind, PAYMENTS * n).own) for n in (1, 3)}
    assert max(kept) <= kind.MOST_OWN


def test_all_that_is_kept_of_a_payee_fits_256_bytes() -> None:
    for stream in BOTH:
        assert 2 + sum(kind.MOST_OWN + 1 for kind in ON[stream] if kind.MOST_OWN) <= MOST_BYTES
        signals = [taught(kind, PAYMENTS) for kind in ON[stream]]
        packed = pack(stream, signals)
        assert unpack(stream, packed) == {type(one): one.own for one in signals if one.MOST_OWN}
        assert unpack(stream, b"??" + packed[2:]) == {}
        assert unpack(stream, b"") == {}


@EACH
def test_state_does_not_grow_with_the_number_of_payments(kind: type[Signal]) -> None:
    sizes = [len(msgspec.msgpack.encode(state_of(taught(kind, PAYMENTS * n)))) for n in (1, 2, 20)]
    assert sizes[-1] <= sizes[0] + 16


@EACH
@pytest.mark.parametrize("name", CHECKS)
def test_estimator_check_of_river(kind: type[Signal], name: str) -> None:
    check: Callable[[Signal], None] = getattr(common, name)
    check(kind())


@EACH
@pytest.mark.parametrize("name", CHECKS_ON_DATA)
def test_estimator_check_of_river_on_payments(kind: type[Signal], name: str) -> None:
    check: Callable[..., None] = getattr(common, name)
    check(kind(), [(x, False) for x in PAYMENTS])
