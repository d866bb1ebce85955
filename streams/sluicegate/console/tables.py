"""The console's tables. What comes from Kafka can be rebuilt from it; verdicts, users and the audit trail cannot.

Instants are µs since 1970 UTC. Severities are numbers that sort like the queue: 1 critical to 4 low.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

__all__ = ["REBUILT", "metadata"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for this type

Term = String(128).with_variant(String(128, collation="C"), "postgresql")
"""Compared byte by byte, so that a range of terms is a prefix."""

alert = Table(
    "alert",
    metadata,
    Column("alert_id", String(80), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", String(8), nullable=False, comment="new, snoozed, second (person awaited), decided or closed"),
    Column("urgency", SmallInteger, nullable=False),
    Column("family", String(16), nullable=False),
    Column("rule", String(40), nullable=False, comment="of the highest-scoring reason"),
    Column("score", Integer, nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(512), nullable=False),
    Column("title", String(300), nullable=False),
    Column("amount", String(60), nullable=False, comment="the sum of its payments, in its first currency"),
    Column("opened_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("arrived_at", BigInteger, nullable=False, comment="wall clock when its first revision was written"),
    Column("close_reason", String(40)),
    Column("snoozed_until", BigInteger),
    Column("claimed_by", Integer),
    Column("claimed_at", BigInteger),
    Column("decision", String(16), comment="last verdict given here that was not undone"),
    Column("seq", BigInteger, nullable=False, comment="number of its last change, for live updates"),
    Column("body", LargeBinary, nullable=False, comment="`data` of the last revision, JSON"),
    # the queue, whole or by tenant: severity, then age
    Index("ix_alert_queue", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_tenant_queue", "tenant", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_rule_queue", "rule", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_family_queue", "family", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_tenant_rule", "tenant", "rule", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_tenant_family", "tenant", "family", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_claim", "claimed_by", "status", "urgency", "opened_at", "alert_id"),
    Index("ix_alert_subject", "tenant", "subject_kind", "subject_id", "opened_at"),
    # all that the figures need, so that they read no alert for it
    Index("ix_alert_opened", "opened_at", "tenant", "urgency", "rule"),
    Index("ix_alert_backlog", "status", "tenant", "urgency", "arrived_at"),
    Index("ix_alert_seq", "seq"),
    Index("ix_alert_tenant_seq", "tenant", "seq"),
    Index("ix_alert_updated", "status", "updated_at"),
)

alert_term = Table(
    "alert_term",
    metadata,
    Column("term", Term, primary_key=True, comment="what an alert is found by, lower case"),
    Column("alert_id", String(80), primary_key=True),
    Index("ix_alert_term_alert", "alert_id", "term"),
)

activity = Table(
    "activity",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("source", String(512), primary_key=True),
    Column("event_id", String(128), primary_key=True),
    Column("payee", String(128), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False, comment="event type without its version"),
    Column("payment_id", String(128)),
    Column("value", String(40)),
    Column("currency", String(16)),
    Column("account", String(80), comment="kind, country and last digits of the account; never its fingerprint"),
    Column("note", String(120), comment="status, change or action"),
    Column("log_partition", Integer, nullable=False),
    Column("log_offset", BigInteger, nullable=False),
    Index("ix_activity_payee", "tenant", "payee", "time"),
    Index("ix_activity_time", "time"),
)

signal_day = Table(
    "signal_day",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("kind", String(12), primary_key=True, comment="below, shadow, suppressed or notice"),
    Column("count", Integer, nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("name", String(120), primary_key=True, comment="what it is about; a newer one replaces it"),
    Column("time", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

list_version = Table(
    "list_version",
    metadata,
    Column("list", String(128), primary_key=True),
    Column("tenant", String(63), primary_key=True, comment="`*`: of all tenants"),
    Column("version", String(128), nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column(
        "topic_id", String(36), nullable=False, comment="which Kafka gave it: another topic of that name has another"
    ),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

claim = Table(
    "claim",
    metadata,
    Column("alert_id", String(80), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

verdict = Table(
    "verdict",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", String(80), nullable=False, index=True),
    Column("tenant", String(63), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason_code", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("allow", Text, comment="JSON of the allowance that goes with it"),
    Column("user_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String(12), nullable=False, comment="waiting (for a second person), given, refused or undone"),
    Column("second_id", Integer),
    Column("second_at", BigInteger),
    Column("bulk", String(32), comment="the same for verdicts given together"),
    Index("ix_verdict_state", "state", "at"),
    Index("ix_verdict_at", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("verdict_id", Id, ForeignKey("verdict.id"), nullable=False, index=True),
    Column("key", String(63), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("left_at", BigInteger, comment="it is being sent: too late to undo"),
    Column("sent_at", BigInteger),
    Index("ix_outbox_waiting", "sent_at", "not_before"),
)

snooze = Table(
    "snooze",
    metadata,
    Column("id", Id, primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(512), nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_snooze_subject", "tenant", "subject_kind", "subject_id", "rule"),
)

user = Table(
    "user_account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("password_hash", String(256), comment="argon2id; none: signs in elsewhere"),
    Column("subject", String(400), unique=True, comment="issuer and subject of who signs in elsewhere"),
    Column("role", String(12), nullable=False),
    Column("tenants", Text, nullable=False, comment="JSON list; `*` is all"),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("label", String(80), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

view = Table(
    "saved_view",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("query", Text, nullable=False),
)

search = Table(
    "search",
    metadata,
    Column("token", String(32), primary_key=True, comment="stands for the text in addresses"),
    Column("user_id", Id, ForeignKey("user_account.id"), nullable=False),
    Column("text", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("user_id", Integer, comment="none: nobody was signed in"),
    Column("user_name", String(120), nullable=False),
    Column("tenant", String(63)),
    Column("action", String(40), nullable=False),
    Column("object", String(120), nullable=False),
    Column("detail", Text, nullable=False, comment="JSON"),
    Index("ix_audit_object", "object", "at"),
    Index("ix_audit_at", "at"),
)

REBUILT = (alert, alert_term, activity, signal_day, notice, list_version, progress)
"""Made of topics alone."""
