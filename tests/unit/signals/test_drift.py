"""ADWIN over plain numbers."""

from __future__ import annotations

import msgspec

from sluicegate.signals.drift import LEAST, MOST_LEVELS, PER_LEVEL, Window, observe


def spread(n: int, mean: float) -> float:
    """Evenly spread around the mean, within 0.05."""
    return mean + ((n * 0.618033988749895) % 1 - 0.5) / 10


def test_steady_stream_gives_no_notice() -> None:
    window: Window = []
    assert all(observe(window, spread(n, 0.3)) is None for n in range(20_000))


def test_change_is_told_once_with_both_means() -> None:
    window: Window = []
    told = [observe(window, spread(n, 0.3 if n < 5000 else 0.6)) for n in range(12_000)]
    found = [(n, one) for n, one in enumerate(told) if one is not None]
    assert found
    assert 5000 < found[0][0] < 5000 + 2 * LEAST
    assert abs(found[0][1].before - 0.3) < 0.02
    assert not [n for n, _ in found if n > 9000]


def test_restored_window_goes_on_to_the_bit() -> None:
    window: Window = []
    for n in range(3333):
        observe(window, spread(n, 0.3))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(window), type=list[list[float]])
    for n in range(3333, 9999):
        assert observe(window, spread(n, 0.5)) == observe(again, spread(n, 0.5))
    assert window == again


def test_window_stays_small() -> None:
    window: Window = []
    for n in range(50_000):
        observe(window, spread(n, 0.3))
    assert len(window) <= MOST_LEVELS + 1
    assert all(len(level) <= 2 * PER_LEVEL for level in window)
