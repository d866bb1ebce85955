"""Feedback: learns from verdicts, ranks only once it has shown to help, and is restored to the last bit."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.signals.feedback import KEPT, LEAST, MAX_FEATURES, REACH, SCORE, VERSION, Feedback, FeedbackState

X = dict[str, float]


def verdicts(count: int, *, telling: bool, seed: int = 1) -> Iterator[tuple[X, bool]]:
    """Reported payments; where `telling`, a repeat is mostly a false positive, which the score does not know."""
    rng = random.Random(seed)
    for _ in range(count):
        confirmed = rng.random() < 0.3
        repeat = rng.gauss(0 if confirmed or not telling else 3, 1)
        yield {SCORE: rng.gauss(8, 1), "repeat": repeat, "burst": rng.random()}, confirmed


def taught(count: int, *, telling: bool = True, seed: int = 1) -> Feedback:
    model = Feedback()
    for x, confirmed in verdicts(count, telling=telling, seed=seed):
        model.learn_one(x, confirmed)
    return model


def test_model_without_verdicts_ranks_by_the_score() -> None:
    x = {SCORE: 7.25, "repeat": 3.0}
    assert Feedback().rank_one(x) == Feedback().advised(x) == 7.25
    assert Feedback().score_one(x) == 0.5
    assert str(Feedback().standing()) == "in shadow, 0 of 15 verdicts of the rarer kind"


def test_gate_opens_when_verdicts_show_what_the_score_does_not_know() -> None:
    model = taught(200)
    standing = model.standing()
    assert standing.in_use
    assert standing.with_feedback > 0.7 > 0.55 > standing.without
    assert str(standing).startswith("in use: ranks 7")
    false_positive, confirmed = ({SCORE: 8.0, "repeat": repeat, "burst": 0.5} for repeat in (3.0, 0.0))
    assert model.rank_one(false_positive) < 8.0 == model.rank_one(confirmed)
    assert model.score_one(false_positive) < 0.2 < 0.5 < model.score_one(confirmed)
    assert model.predict_one(confirmed) is True


def test_gate_stays_shut_where_signals_say_nothing_of_the_verdict() -> None:
    opened = sum(taught(300, telling=False, seed=seed).standing().in_use for seed in range(10))
    assert opened == 0


def test_in_shadow_the_rank_is_the_score() -> None:
    model = taught(300, telling=False, seed=3)
    both = [{SCORE: 8.0, "repeat": repeat, "burst": 0.5} for repeat in (-9.0, 9.0)]
    assert not model.standing().in_use
    assert [model.rank_one(x) for x in both] == [8.0, 8.0]
    assert min(model.advised(x) for x in both) < 8.0


def test_gate_needs_verdicts_of_both_kinds() -> None:
    model = Feedback()
    for n in range(1000):
        confirmed = n < LEAST - 1
        model.learn_one({SCORE: 8.0, "repeat": 0.0 if confirmed else 3.0 + n % 2}, confirmed)
    assert not model.standing().in_use


def test_gate_closes_when_the_lead_is_gone() -> None:
    model = taught(200)
    for n in range(600):
        x = {SCORE: 9.0 if n % 2 else 7.0, "repeat": float(n % 5), "burst": 0.5}
        model.learn_one(x, n % 2 == 1, advised=8.0)
    assert not model.standing().in_use


def test_verdict_counts_as_it_was_ranked_when_the_payment_was_scored() -> None:
    model = Feedback()
    model.learn_one({SCORE: 5.0}, True, advised=1.0)
    model.learn_one({SCORE: 4.0}, False, advised=2.0)
    standing = model.standing()
    assert (standing.without, standing.with_feedback) == (1.0, 0.0)


def test_verdicts_move_a_score_within_bounds() -> None:
    model = taught(200)
    for repeat in (-1e300, -50.0, 50.0, math.inf, math.nan):
        assert 8.0 - REACH <= model.rank_one({SCORE: 8.0, "repeat": repeat, "burst": 0.5}) <= 8.0
    assert model.rank_one({SCORE: 0.5, "repeat": 50.0}) == 0.0


@pytest.mark.parametrize("count", [0, 1, 7, 200])
def test_restored_state_scores_and_learns_the_same_bits(count: int) -> None:
    model = taught(count)
    stored = msgspec.msgpack.encode(model.snapshot())
    again = Feedback(msgspec.msgpack.decode(stored, type=FeedbackState))
    assert msgspec.msgpack.encode(again.snapshot()) == stored
    for x, confirmed in verdicts(60, telling=True, seed=2):
        shuffled = dict(reversed(x.items()))
        assert again.score_one(shuffled) == model.score_one(x)
        assert again.rank_one(shuffled) == model.rank_one(x)
        model.learn_one(x, confirmed)
        again.learn_one(shuffled, confirmed)
    assert again.snapshot() == model.snapshot()


def test_stored_state_advises_the_same_bits_without_a_model() -> None:
    model = taught(200)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(model.snapshot()), type=FeedbackState)
    for x, _ in verdicts(30, telling=True, seed=2):
        assert state.advised(x) == model.advised(x)
        assert max(-REACH, min(0.0, sum(state.shares(x).values()))) == pytest.approx(model.advised(x) - x[SCORE])
        assert state.advised(x | {"unheard-of": 9.0}) == model.advised(x)


def test_the_score_itself_is_no_evidence() -> None:
    """High scores were all false positives: that says nothing of low ones, which nobody has judged."""
    model = Feedback()
    for n in range(60):
        model.learn_one({SCORE: 9.0 if n % 2 else 8.0, "repeat": n % 5 / 5}, n % 2 == 0)
    assert SCORE not in model.snapshot().weights
    low, high = (model.advised({SCORE: score, "repeat": 0.4}) - score for score in (3.0, 9.0))
    assert low == pytest.approx(high)


def test_state_of_another_version_is_not_used() -> None:
    state = taught(200).snapshot()
    state.version = VERSION + "-other"
    assert Feedback(state).standing().verdicts == 0


def test_given_state_is_not_changed() -> None:
    state = taught(50).snapshot()
    before = msgspec.msgpack.encode(state)
    model = Feedback(state)
    for x, confirmed in verdicts(20, telling=True):
        model.learn_one(x, confirmed)
    assert msgspec.msgpack.encode(state) == before


def test_state_is_bounded() -> None:
    model = Feedback()
    for n in range(3 * KEPT):
        model.learn_one({SCORE: 8.0 + n % 3} | {f"signal-{n + k}": 1.0 * k for k in range(5)}, n % 2 == 0)
    state = model.snapshot()
    assert len(state.scale) <= MAX_FEATURES
    assert len(state.weights) <= MAX_FEATURES
    assert (len(state.confirmed), len(state.cleared)) == (KEPT, KEPT)
    assert len(msgspec.msgpack.encode(state)) < 10_000


numbers = st.floats(min_value=-1e300, max_value=1e300) | st.sampled_from([math.nan, math.inf, -math.inf, 5e-324])
vectors = st.fixed_dictionaries(
    {SCORE: st.floats(min_value=0, max_value=691)},
    optional=dict.fromkeys(("repeat", "burst", "dormancy"), numbers),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(vectors, st.booleans()), max_size=40), vectors)
def test_any_vectors_give_finite_scores(past: list[tuple[X, bool]], x: X) -> None:
    model = Feedback()
    for known, confirmed in past:
        model.learn_one(known, confirmed)
    before = msgspec.msgpack.encode(model.snapshot())
    assert 0 <= model.score_one(x) <= 1
    assert 0 <= model.rank_one(x) <= x[SCORE]
    assert math.isfinite(model.standing().with_feedback)
    assert msgspec.msgpack.encode(model.snapshot()) == before, "scoring changes nothing"
