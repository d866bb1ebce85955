"""The notifier's tables. Instants are µs since 1970 UTC."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

__all__ = ["DEAD", "SENT", "SUPERSEDED", "WAITING", "about", "alert", "delivery", "endpoint", "metadata", "progress"]

metadata = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for this type

WAITING, SENT, DEAD, SUPERSEDED = "waiting", "sent", "dead", "superseded"

about = Table("about", metadata, Column("schema", Integer, primary_key=True))

progress = Table(
    "progress",
    metadata,
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("topic_id", String(36), nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("event_id", String(100), primary_key=True, comment="alert id and revision"),
    Column("alert_id", String(80), nullable=False, index=True),
    Column("tenant", String(63), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the event; without names where nobody may have them"),
    Column("entered_at", BigInteger, nullable=False, index=True),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True, comment="in the order of the topic, by subject"),
    Column("endpoint", String(40), nullable=False),
    Column("event_id", String(100), ForeignKey("alert.event_id"), nullable=False, index=True),
    Column("alert_id", String(80), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("subject", String(700), nullable=False),
    Column("state", String(10), nullable=False),
    Column("digest", Integer, nullable=False, comment="1: waits for the next digest mail"),
    Column("created_at", BigInteger, nullable=False, comment="since when it is due; a replay sets it anew"),
    Column("not_before", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(200), nullable=False, comment="why the last attempt failed, in our words"),
    Column("finished_at", BigInteger, index=True),
    UniqueConstraint("endpoint", "event_id"),
)
Index("ix_delivery_state", delivery.c.endpoint, delivery.c.state, delivery.c.id)
Index("ix_delivery_count", delivery.c.state, delivery.c.endpoint, delivery.c.created_at)
Index("ix_delivery_subject", delivery.c.endpoint, delivery.c.state, delivery.c.subject, delivery.c.id)

endpoint = Table(
    "endpoint",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("disabled_at", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
)
