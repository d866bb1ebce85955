"""What a rule is: its metadata, its parameters, its checks, and the values that a check gives."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from sluicegate.detection.records import Record
    from sluicegate.detection.view import PayeeView, PayView, RunView, View

Days = Annotated[int, Meta(ge=1, le=3650, extra={"unit": "days"})]
Hours = Annotated[int, Meta(ge=1, le=8760, extra={"unit": "hours"})]
Count = Annotated[int, Meta(ge=1, le=100_000, extra={"unit": "count"})]
Points = Annotated[int, Meta(ge=0, le=100, extra={"unit": "points"})]
Score = Annotated[float, Meta(ge=0, le=100, extra={"unit": "points"})]
Ratio = Annotated[float, Meta(ge=0, le=1000, extra={"unit": "ratio"})]
Share = Annotated[float, Meta(ge=0, le=1, extra={"unit": "share"})]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?\Z", extra={"unit": "base currency"})]

LOW, MEDIUM, HIGH, CRITICAL = 30, 45, 65, 85
"""The score of a level that is named without a number."""
ALERT_LEVEL = 25
MEDIUM_FLOOR = 40
LEVELS = ((80, "critical"), (60, "high"), (40, "medium"), (ALERT_LEVEL, "low"), (0, "signal"))

FAMILIES = ("account", "payables", "payroll", "crypto", "sanctions", "pattern", "anomaly", "quality")

Given = Literal["wallet", "name check", "purpose code", "changes", "advances"]
GIVEN: tuple[Given, ...] = get_args(Given)
"""What few payments have: rules that need it are not asked about the others."""
ALL_GIVEN = (True,) * len(GIVEN)

Clause = Literal["identity", "authority", "ownership"]
CLAUSES: Mapping[Clause, str] = {
    "identity": "(a) the payer is misled about who somebody is",
    "authority": "(b) the payer is misled about whom somebody belongs to or may act for",
    "ownership": "(c) the payer is misled about whose account is credited",
}
"""What Nacha's operating rules call False Pretenses: a payment induced by one of these misrepresentations."""


def level(score: int) -> str:
    """The severity of a score; `signal` below alert level.

    >>> [level(s) for s in (100, 79, 40, 25, 24)]
    ['critical', 'high', 'medium', 'low', 'signal']
    """
    return next(name for floor, name in LEVELS if score >= floor)


class RuleParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of a rule, each with its default, unit and bounds; a policy overrides them per tenant."""


class Entity(msgspec.Struct, frozen=True, array_like=True):
    """Somebody or something that a finding is about."""

    kind: str
    id: str
    role: str | None = None
    label: str | None = None
    country: str | None = None
    last4: str | None = None


class ListedEntry(msgspec.Struct, frozen=True):
    """The list entry that a sanctions finding is about; `digest` changes when the entry does."""

    list: str
    entry_id: str
    digest: bytes


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule saw: score 0 to 100, evidence, and how it merges with what is open.

    `time` and `about` (event time in µs, source and id) are those of the event that the finding is about, where that
    is not the event under evaluation. `payments` and `requests` are (payee id, payment id or request's event) pairs.
    """

    score: int
    subject: tuple[str, str]
    title: str
    text: str
    observed: dict[str, Any]
    expected: dict[str, Any]
    counterfactual: str
    action: str = "review"
    cause: str | None = None
    time: int | None = None
    about: str | None = None
    events: tuple[str, ...] = ()
    payments: tuple[tuple[str, str], ...] = ()
    requests: tuple[tuple[str, str], ...] = ()
    entities: tuple[Entity, ...] = ()
    entry: ListedEntry | None = None
    retroactive: bool = False
    replace_score: bool = False
    """The score takes the place of the reason's, also where it is lower (a late explanation)."""
    cleared_by: str | None = None
    notice: bool = False
    models: dict[str, str] = {}
    ips: tuple[str, ...] = ()
    wallets: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    deadline: str | None = None
    display: str | None = None
    joins_payee_alert: bool = False
    """Joins the highest alert of the payee that the same event touched, lifted to that alert's next level."""


class NotEvaluable(msgspec.Struct, frozen=True):
    """A test that lacked a field: named in the alerts of the event, and counted."""

    field: str


Result = Finding | NotEvaluable
Check = Callable[["View", Any], Iterable[Result]]
RunCheck = Callable[["RunView", Any], Iterable[Result]]
PayCheck = Callable[["PayView", Any], Iterable[Result]]
PayeeCheck = Callable[["PayeeView", Any], Iterable[Finding]]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the catalogue; its module's docstring gives reason, false positives and next step.

    `on` maps the event types it looks at (the structs of `wire.events`) to its checks; `at_close` looks at a pay run
    when that closes, `at_recheck` once more at a payment that the roster does not explain, `at_rescreen` at a known
    payee after a list update. `about_amount` rules wait until all parts of a split payment are in.
    """

    slug: str
    letter: str
    family: str
    params: type[RuleParams]
    on: Mapping[type, Check]
    reads: tuple[type["Record"], ...]
    sources: tuple[str, ...]
    fires: tuple[str, ...]
    silent: tuple[str, ...]
    version: str = "1.0.0"
    about_amount: bool = False
    pays: str = ""
    """Of payments it looks at those to `payroll` or to a `vendor` alone; empty: at both."""
    given: Given | None = None
    """What a payment must have for the rule to say anything of it."""
    at_close: RunCheck | None = None
    at_rescreen: PayeeCheck | None = None
    at_recheck: PayCheck | None = None
    clauses: tuple[Clause, ...] = ()
    """The False Pretenses of which the rule shows signs."""
    cause_family: str = ""
    """Rules that share it share their causes; empty: the slug."""

    def cause(self, own: str | None) -> str:
        """The cause as alerts store it: two rules never share one by accident."""
        return f"{self.cause_family or self.slug}:{own}" if own is not None else ""
