"""State records of alerts: what is open about whom, what was said, and what an analyst allowed."""

from sluicegate.detection.records import Part, Record
from sluicegate.rules.base import Entity


class ReasonRow(Part):
    rule: str
    version: str
    cause: str
    score: int
    text: str
    observed: bytes
    expected: bytes
    sources: list[str]
    action: str
    counterfactual: str
    title: str
    events: list[str] = []
    events_left_out: int = 0


class MoneyRow(Part):
    value: str
    count: int


class AlertRecord(Record):
    """An alert as its last revision left it."""

    KIND = "alert"
    subject_kind: str
    subject_id: str
    family: str
    first: int
    last: int
    created_at: int
    updated_at: int = 0
    revision: int = 0
    reasons: list[ReasonRow] = []
    entities: list[Entity] = []
    entities_left_out: int = 0
    payments: list[str] = []
    payments_left_out: int = 0
    money: dict[str, MoneyRow] = {}
    not_evaluable: list[str] = []
    retroactive: bool = False
    models: dict[str, str] = {}
    lists: dict[str, str] = {}
    policy: str | None = None
    ips: list[str] = []
    wallets: list[str] = []
    keywords: list[str] = []
    deadline: str | None = None
    display: str | None = None
    closed: str | None = None
    verdict: str | None = None
    due: int | None = None
    """When it expires, at the earliest; once closed, when it is forgotten."""
    events_at_revision: int = 0
    events: int = 0
    delisted: list[str] = []
    """List entries of which a signal said that they were removed."""

    @property
    def score(self) -> int:
        return max(reason.score for reason in self.reasons)


class SubjectRecord(Record):
    """Open alerts of one subject and family, oldest first: alert id, first, last, causes."""

    KIND = "subject"
    open: list[tuple[str, int, int, list[str]]] = []


class AllowEntry(Part):
    pivot_kind: str
    pivot_value: str
    starts: int
    expires: int
    event: str
    list_entry: str | None = None
    entry_digests: list[bytes] = []
    """Content of that entry when the allowance was given, on each list that has it."""


class AllowRecord(Record):
    """Allow entries of one rule and pivot; id = rule, pivot kind, pivot value, by line feeds."""

    KIND = "allow"
    entries: list[AllowEntry] = []
