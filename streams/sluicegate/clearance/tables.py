"""The view's tables: decisions, what was announced of runs, and policies. All of it comes from Kafka.

Instants are µs since 1970 UTC. A run's figures follow from its decisions, and are carried on with each of them, so that
nobody adds up a run of a hundred thousand payments to answer a question.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, String, Table, Text

from sluicegate.console.tables import progress as console_progress

__all__ = ["announced_id", "announcement", "decision", "metadata", "policy", "progress", "run", "schema"]

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})

Name = String(128).with_variant(String(128, collation="C"), "postgresql")
"""Ordered byte by byte, as pages of payments are."""

schema = Table(
    "clearance_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

progress = console_progress.to_metadata(metadata)
"""How far each partition is read; the feed moves it in the transaction of what was read."""

run = Table(
    "clearance_run",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("run_id", Name, primary_key=True),
    Column("scored", Integer, nullable=False),
    Column("release", Integer, nullable=False),
    Column("review", Integer, nullable=False),
    Column("hold", Integer, nullable=False),
    Column("totals", Text, nullable=False, comment="JSON: currency -> sum of its decided payments"),
    Column("later", Text, nullable=False, comment="JSON: rule -> payments that wait for it, and until when at most"),
    Column("first_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False, comment="decisions taken over, for ETags"),
    Index("ix_clearance_run_newest", "tenant", "updated_at"),
    Index("ix_clearance_run_age", "updated_at"),
)

decision = Table(
    "clearance_decision",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("run_id", Name, primary_key=True),
    Column("payment_id", Name, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("decision", String(8), nullable=False),
    Column("score", SmallInteger, nullable=False),
    Column("value", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("time", BigInteger, nullable=False, comment="of the tenant's clock"),
    Column("told", Text, nullable=False, comment="JSON: alert_ids, rules, later, event, policy"),
    Index("ix_clearance_decision_kind", "tenant", "run_id", "decision", "payment_id"),
)

announcement = Table(
    "clearance_announcement",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("run_id", Name, primary_key=True),
    Column("revision", Integer, nullable=False, comment="1, and one more for each announcement that says otherwise"),
    Column("at", BigInteger, nullable=False, comment="when Kafka got it"),
    Column("payments", Integer, nullable=False),
    Column("totals", Text, nullable=False, comment="JSON: currency -> sum"),
    Column("named", Integer, nullable=False, comment="1: the payments are named one by one"),
    Column("release_at", BigInteger),
    Index("ix_clearance_announcement_newest", "tenant", "at"),
    Index("ix_clearance_announcement_age", "at"),
)

announced_id = Table(
    "clearance_announced_id",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("run_id", Name, primary_key=True),
    Column("payment_id", Name, primary_key=True),
)

policy = Table(
    "clearance_policy",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("at", BigInteger, nullable=False, comment="when Kafka got it; the last one counts"),
    Column("unscored", String(8), nullable=False),
    Column("wait_minutes", Integer, nullable=False),
    Column("decides", Integer, nullable=False, comment="0: the policy has no clearance"),
)
