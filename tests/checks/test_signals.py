"""The same checks for every signal: scoring is pure, state restores to the bit, memory is bounded, no odd values."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river.checks import common

from sluicegate import signals
from sluicegate.signals.base import Signal

X = dict[str, Any]
PAYMENTS = [
    {"amount": float(f"{1000 + 37 * n % 400}.{n % 100:02d}"), "value": f"{1000 + 37 * n % 400}", "currency": "USD"}
    for n in range(200)
]
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


def _found() -> Iterator[type[Signal]]:
    for module in iter_modules(signals.__path__):
        for kind in vars(import_module(f"{signals.__name__}.{module.name}")).values():
            own = isinstance(kind, type) and kind.__module__.endswith(f".{module.name}")
            if own and issubclass(kind, Signal) and not inspect.isabstract(kind):
                yield kind


SIGNALS = list(_found())
EACH = pytest.mark.parametrize("kind", SIGNALS, ids=lambda kind: kind.__name__)
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
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(state_of(signal)))
    return type(signal)(**{name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()})


def payment(amount: float) -> X:
    return {"amount": amount, "value": repr(amount), "currency": "USD"}


def test_signals_are_found() -> None:
    assert SIGNALS


@EACH
def test_docstring_has_range_state_cost_and_an_example(kind: type[Signal]) -> None:
    text = kind.__doc__ or ""
    assert all(word in text for word in ("Range", "State:", "Cost:", ">>> "))
    assert kind.VERSION


@EACH
@settings(deadline=None)
@given(st.data())
def test_scoring_and_explaining_change_nothing(kind: type[Signal], data: st.DataObject) -> None:
    signal = taught(kind, [payment(a) for a in data.draw(st.lists(amounts, max_size=20))])
    before = msgspec.msgpack.encode(state_of(signal))
    x = payment(data.draw(amounts))
    first = signal.score_one(dict(x))
    signal.explain(dict(x))
    assert signal.score_one(dict(x)) == first
    assert msgspec.msgpack.encode(state_of(signal)) == before


@EACH
@settings(deadline=None)
@given(st.data())
def test_restored_signal_goes_on_to_the_bit(kind: type[Signal], data: st.DataObject) -> None:
    going_on = taught(kind, [payment(a) for a in data.draw(st.lists(amounts, max_size=20))])
    again = restored(going_on)
    for x in map(payment, data.draw(st.lists(amounts, min_size=1, max_size=5))):
        assert again.score_one(x) == going_on.score_one(x)
        assert again.explain(x) == going_on.explain(x)
        for signal in (again, going_on):
            signal.learn_one(x)
    assert msgspec.msgpack.encode(state_of(again)) == msgspec.msgpack.encode(state_of(going_on))


@EACH
@settings(deadline=None)
@given(st.lists(amounts, max_size=20), amounts)
def test_no_amount_gives_an_infinite_or_undefined_score(
    kind: type[Signal], history: list[float], amount: float
) -> None:
    score = taught(kind, [payment(a) for a in history]).score_one(payment(amount))
    assert math.isfinite(score)
    assert score >= 0


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
