"""The fraud-detection handbook's simulated card payments, mapped onto payments: customer = payee, terminal = account.

A card payment has no more than customer, terminal, amount and time, so of our signals that of the amount applies: its
own class scores it on history kept per customer, and once more against all customers' alone; the higher -ln p counts.
The handbook draws amounts from normal distributions where payments to vendors are log-normal, so the signal, which
looks at logarithms, is given exp(amount / 10) and treats it as it does pay, whose tails are as short.

With verdicts, each payment's fraud label comes seven days later, as the handbook has it. Two more signals look at how
often the terminal and the customer were confirmed of late, and `Feedback` learns from all of them.
"""

import math
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

from sluicegate.signals import calibration
from sluicegate.signals.amount import AmountHistory
from sluicegate.signals.base import PAYROLL
from sluicegate.signals.feedback import SCORE, Feedback
from tests.bench.harness import say, table
from tests.bench.rivals.metrics import average_precision, card_precision, roc_auc
from tests.bench.rivals.rows import HEAD, PER_DAY, figures, rivals
from tests.bench.rivals.streams import DATA, Bools, Floats, Stream

FILE = DATA / "handbook-to-2018-07-24.parquet"
FIRST_DAY = 30
DELAY = 7.0
HALF_LIVES = (2.0, 10.0)
"""Days; of the shares of confirmed payments."""
LENT = 2.0
"""Pseudo-verdicts at the usual share."""
UNIT = 10.0


class Cards(NamedTuple):
    """Arrays with a row a payment, in order of time; `days` are those since the first day's midnight."""

    customers: list[int]
    terminals: list[int]
    amounts: list[float]
    days: list[float]
    frauds: Bools

    @property
    def whole_days(self) -> npt.NDArray[np.int64]:
        whole: npt.NDArray[np.int64] = np.floor(np.array(self.days)).astype(np.int64)
        return whole


def load(limit: int = 0) -> Cards:
    data = parquet.read_table(FILE).slice(0, limit or None)
    times = data["TX_DATETIME"].to_numpy()
    days = (times - times[0].astype("datetime64[D]")) / np.timedelta64(1, "D")
    customers, terminals = (data[name].to_pylist() for name in ("CUSTOMER_ID", "TERMINAL_ID"))
    amounts = data["TX_AMOUNT"].to_numpy().astype(float).tolist()
    return Cards(customers, terminals, amounts, days.tolist(), data["TX_FRAUD"].to_numpy() > 0)


class Amounts:
    """Our signal of the amount, of one payment after the other: against own history and against all customers'."""

    NAMES = ("own", "peers")

    def __init__(self) -> None:
        self._own: dict[int, bytes] = {}
        self._common: dict[Any, Any] = {}
        self._bins: tuple[list[float], list[float]] = ([], [])

    def score_then_learn(self, customer: int, amount: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Both distances in usual deviations, and both as -ln p."""
        paid = math.exp(amount / UNIT)
        x = _ALIKE | {"amount": paid, "regular": paid}
        signal = AmountHistory(self._own.get(customer, b""), self._common)
        own, peers = signal.score_one(x), AmountHistory(b"", self._common).score_one(x)
        surprises = []
        for bins, score in zip(self._bins, (own, peers), strict=True):
            surprises.append(-math.log(calibration.p_value(bins, score)))
            calibration.learn(bins, score)
        signal.learn_one(x)
        self._own[customer] = signal.own
        return (own, peers), (surprises[0], surprises[1])

    @property
    def size(self) -> int:
        """Bytes of all customers' histories."""
        return sum(map(len, self._own.values()))


_ALIKE = {"group": 0, "currency_group": 0, "run": None, "stream": PAYROLL, "currency": "EUR", "value": ""}


class Confirmed:
    """Share of an entity's verdicts that were confirmed, fading with a half-life, against the usual share.

    Above 0: more often than usual. State: two numbers and a time an entity.
    """

    def __init__(self, half_life: float) -> None:
        self._fading = math.log(2) / half_life
        self._kept: dict[int, tuple[float, float, float]] = {}

    def score(self, entity: int, now: float, usual: float) -> float:
        time, verdicts, confirmed = self._kept.get(entity, (now, 0.0, 0.0))
        faded = math.exp(-self._fading * (now - time))
        return (confirmed * faded + LENT * usual) / (verdicts * faded + LENT) - usual

    def learn(self, entity: int, now: float, fraud: bool) -> None:
        time, verdicts, confirmed = self._kept.get(entity, (now, 0.0, 0.0))
        faded = math.exp(-self._fading * (now - time))
        self._kept[entity] = (now, verdicts * faded + 1, confirmed * faded + fraud)


class Scores(NamedTuple):
    label_free: Floats
    own: Floats
    with_verdicts: Floats
    vectors: Floats
    us_signals: float
    us_all: float
    size: int
    """Bytes of the customers' histories."""
    model: Feedback


def run(cards: Cards) -> Scores:
    """Score before learning; a verdict is learned when its seven days are over."""
    count = len(cards.days)
    label_free, own, taught = np.zeros(count), np.zeros(count), np.zeros(count)
    amounts, model = Amounts(), Feedback()
    signals: list[tuple[float, float]] = []
    start = time.process_time()
    for place, (customer, amount) in enumerate(zip(cards.customers, cards.amounts, strict=True)):
        found, surprises = amounts.score_then_learn(customer, amount)
        signals.append(found)
        own[place] = found[0]
        label_free[place] = combined(*surprises)
    us_signals = (time.process_time() - start) / count * 1e6
    say("handbook: label-free scores done")
    shares = [
        (f"{name}_{days:g}", entities, Confirmed(days))
        for name, entities in (("terminal", cards.terminals), ("customer", cards.customers))
        for days in HALF_LIVES
    ]
    frauds: list[bool] = cards.frauds.tolist()
    vectors: list[dict[str, float] | None] = []
    late, known, confirmed = 0, 0, 0
    for place, now in enumerate(cards.days):
        while cards.days[late] <= now - DELAY:
            fraud, past = frauds[late], vectors[late]
            assert past is not None
            known, confirmed = known + 1, confirmed + fraud
            for _, entities, share in shares:
                share.learn(entities[late], cards.days[late] + DELAY, fraud)
            model.learn_one(past, fraud)
            vectors[late] = None
            late += 1
        usual = (confirmed + 1) / (known + 100)
        x = {name: share.score(entities[place], now, usual) for name, entities, share in shares}
        x |= {"own": signals[place][0], "peers": signals[place][1], SCORE: float(label_free[place])}
        vectors.append(x)
        if now >= FIRST_DAY:
            taught[place] = model.score_one(x)
    us_all = (time.process_time() - start) / count * 1e6
    return Scores(label_free, own, taught, np.array(signals), us_signals, us_all, amounts.size, model)


FOLLOWING = 0.0
"""Weight of the second highest -ln p; of 0, .1, .2 and .5 it is best on the first half of the scored days."""


def combined(one: float, other: float) -> float:
    """Ordered-geometric: the highest -ln p, and a share of the next."""
    return max(one, other) + FOLLOWING * min(one, other)


def report(limit: int, wanted: Sequence[str] | None, seed: int, *, quick: bool) -> None:
    """Print label-free scores beside the rivals' from day 30 on, and what late verdicts add in the last week."""
    cards = load(limit)
    scores = run(cards)
    stream = as_stream(cards)
    print(f"\n## handbook: {len(cards.days):,} card payments, {len(set(cards.customers)):,} customers, days from 30 on")
    print(f"precision at the budget: {PER_DAY} payments a day")
    size = f"{scores.size / len(set(cards.customers)):,.0f}"
    rows = [
        ["our amount signals", *figures(stream, scores.label_free), f"{scores.us_signals:.1f}", size],
        ["customer's amounts alone", *figures(stream, scores.own), "", ""],
        ["with verdicts 7 days late", *figures(stream, scores.with_verdicts), f"{scores.us_all:.1f}", ""],
        *rivals(stream, scores.vectors, list(Amounts.NAMES), wanted, seed, quick=quick),
    ]
    table(rows, HEAD)
    scored = np.array(cards.days) >= FIRST_DAY
    free = average_precision(cards.frauds[scored], scores.label_free[scored])
    days = cards.whole_days
    last = days > int(days[-1]) - 7
    rows = []
    for name, values in (("label-free", scores.label_free), ("with verdicts 7 days late", scores.with_verdicts)):
        labels, found = cards.frauds[last], values[last]
        card = card_precision(labels, found, days[last].tolist(), [cards.customers[n] for n in np.flatnonzero(last)])
        measured = (average_precision(labels, found), roc_auc(labels, found), card)
        rows.append([name, *(f"{figure:.3f}" for figure in measured)])
    table(rows, ["last week", "AP", "ROC AUC", "precision of 100 cards a day"])
    late = average_precision(cards.frauds[last], scores.with_verdicts[last])
    print(f"feedback: {scores.model.standing()}")
    print(f"weights: { {name: round(weight, 2) for name, weight in scores.model.snapshot().weights.items()} }")
    print(
        f"aim, label-free AP from day {FIRST_DAY} on at least .318: {free:.4f}, {'met' if free >= 0.318 else 'not met'}"
    )
    print(
        f"aim, AP of the last week with late verdicts at least .64: {late:.4f}, {'met' if late >= 0.64 else 'not met'}"
    )


def as_stream(cards: Cards) -> Stream:
    """The cards as the rivals take them; raw features: log of the amount, hour, weekday."""
    days = np.array(cards.days)
    middle = (FIRST_DAY + days[-1]) / 2
    return Stream(
        name="handbook",
        lines=[],
        ids=[],
        payees=[str(customer) for customer in cards.customers],
        amounts=np.array(cards.amounts),
        days=days,
        runs=[str(day) for day in cards.whole_days.tolist()],
        labels=cards.frauds,
        kinds=cards.frauds.astype(np.int64),
        first=(days >= FIRST_DAY) & (days < middle),
        second=days >= middle,
        raw=np.column_stack([np.log1p(cards.amounts), days % 1 * 24, cards.whole_days % 7]),
        raw_names=["log_amount", "hour", "weekday"],
    )
