"""`data` of `alert.v1` and `signal.v1` (contract section 5). The schema for readers is exported from these."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, field

from sluicegate.wire.block import Block, Need, enforce
from sluicegate.wire.scalars import AlertId, Decimals, Instant, NonEmpty, Opt, Positive, RuleSlug

Family = Literal["account", "payables", "payroll", "crypto", "sanctions", "pattern", "anomaly", "quality"]
Severity = Literal["critical", "high", "medium", "low"]
Action = Literal["hold", "verify_callback", "review", "block_per_policy", "none"]
CloseReason = Literal["explained_by_late_change", "false_positive", "error_not_fraud", "benign", "expired"]
SubjectKind = Literal["payee", "account", "wallet", "run", "device", "ip", "user", "tenant", "source"]
EntityKind = Literal["payee", "account", "payment", "user", "device", "ip", "wallet", "run", "list_entry", "request"]
AlertScore = Annotated[float, Meta(ge=25, le=100)]
AnyScore = Annotated[float, Meta(ge=0, le=100)]
Title = Annotated[str, Meta(min_length=1, max_length=300)]


class Subject(Block, frozen=True, kw_only=True, gc=False):
    """What the alert is about."""

    kind: SubjectKind
    id: NonEmpty
    display: Opt[str] = None


class Entity(Block, frozen=True, kw_only=True, gc=False):
    """Something that takes part, and as what."""

    kind: EntityKind
    id: str
    role: Opt[str] = None
    label: Opt[str] = None
    country: Opt[str] = None
    last4: Opt[str] = None


class Reason(Block, frozen=True, kw_only=True, gc=False):
    """A rule's finding: in words, and as what was seen against what would have been unsuspicious."""

    rule: RuleSlug
    version: str
    score: AlertScore
    text: NonEmpty
    observed: dict[str, Any]
    expected: dict[str, Any]
    event_ids: Annotated[tuple[str, ...], Meta(min_length=1)]
    sources: tuple[str, ...]


class MoneySum(Block, frozen=True, kw_only=True, gc=False):
    """An exact sum per currency, or per asset for crypto without an amount of money; `count` of its addends."""

    value: Decimals
    currency: Annotated[str, Meta(min_length=1, max_length=32)]
    count: Annotated[int, Meta(ge=0)]


class Suppression(Block, frozen=True, kw_only=True, gc=False):
    """The allowance that silenced a finding."""

    rule: RuleSlug
    pivot: dict[str, Any]
    expires: Instant
    disposition_event: Opt[str] = None


class Versions(Block, frozen=True, kw_only=True, gc=False):
    """What judged: the rules, the models, the lists, and the event that brought the tenant's policy."""

    ruleset: str
    models: Any
    lists: dict[str, str]
    policy: str | None


class ReportHints(Block, frozen=True, kw_only=True, gc=False):
    """Figures for a report to an authority."""

    activity_from: Opt[str] = None
    activity_to: Opt[str] = None
    total: tuple[MoneySum, ...] = ()
    ips: tuple[str, ...] = ()
    wallets: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    deadline: str | None = None


class AlertData(Block, frozen=True, kw_only=True, gc=False):
    """One revision of an alert, complete in itself."""

    NEEDS: ClassVar[tuple[Need, ...]] = (Need("activity", ("close",), ("close_reason",)),)

    alert_id: AlertId
    revision: Positive
    activity: Literal["create", "update", "close"]
    tenant_id: str
    family: Family
    severity: Severity
    score: AlertScore
    title: Title
    subject: Subject
    entities: tuple[Entity, ...]
    reasons: Annotated[tuple[Reason, ...], Meta(min_length=1)]
    payment_ids: Annotated[tuple[str, ...], Meta(extra_json_schema={"uniqueItems": True})]
    money: tuple[MoneySum, ...]
    recommended_action: Action
    not_evaluable: tuple[str, ...]
    counterfactual: str
    retroactive: bool
    suppression: Suppression | None
    versions: Versions
    report_hints: ReportHints
    first_event_at: Instant
    last_event_at: Instant
    created_at: Instant
    updated_at: Instant
    close_reason: Opt[CloseReason] = None
    truncated: dict[str, Positive] = field(default_factory=dict)

    def __post_init__(self) -> None:
        enforce(self)


class SignalData(Block, frozen=True, kw_only=True, gc=False):
    """A finding that raised no alert: under alert level, in shadow mode, suppressed, or a notice.

    A signal has the fields of an alert besides; they are left out of the schema, so that readers do not lean on them.
    """

    tenant_id: str
    family: str
    score: AnyScore
    subject: dict[str, Any]
    reasons: tuple[dict[str, Any], ...]
    mode: Literal["live", "shadow"]
    notice: Opt[bool] = None
    cleared_by: Opt[str] = None
