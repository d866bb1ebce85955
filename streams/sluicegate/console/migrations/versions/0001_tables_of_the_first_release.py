"""Tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


GUARDS = {
    "sqlite": [
        f"""
        CREATE TRIGGER audit_no_{verb} BEFORE {verb.upper()} ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
        """
        for verb in ("update", "delete")
    ],
    "postgresql": [
        """
        CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$
        """,
        """
        CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
        """,
    ],
}


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=512), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("payee", sa.String(length=128), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="event type without its version"),
        sa.Column("payment_id", sa.String(length=128), nullable=True),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=16), nullable=True),
        sa.Column(
            "account",
            sa.String(length=80),
            nullable=True,
            comment="kind, country and last digits of the account; never its fingerprint",
        ),
        sa.Column("note", sa.String(length=120), nullable=True, comment="status, change or action"),
        sa.Column("log_partition", sa.Integer(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "event_id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_payee", "activity", ["tenant", "payee", "time"], unique=False)
    op.create_index("ix_activity_time", "activity", ["time"], unique=False)
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.String(length=80), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.String(length=8),
            nullable=False,
            comment="new, snoozed, second (person awaited), decided or closed",
        ),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False, comment="of the highest-scoring reason"),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=512), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "amount", sa.String(length=60), nullable=False, comment="the sum of its payments, in its first currency"
        ),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "arrived_at", sa.BigInteger(), nullable=False, comment="wall clock when its first revision was written"
        ),
        sa.Column("close_reason", sa.String(length=40), nullable=True),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "decision", sa.String(length=16), nullable=True, comment="last verdict given here that was not undone"
        ),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="number of its last change, for live updates"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="`data` of the last revision, JSON"),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_backlog", "alert", ["status", "tenant", "urgency", "arrived_at"], unique=False)
    op.create_index(
        "ix_alert_claim", "alert", ["claimed_by", "status", "urgency", "opened_at", "alert_id"], unique=False
    )
    op.create_index(
        "ix_alert_family_queue", "alert", ["family", "status", "urgency", "opened_at", "alert_id"], unique=False
    )
    op.create_index("ix_alert_opened", "alert", ["opened_at", "tenant", "urgency", "rule"], unique=False)
    op.create_index("ix_alert_queue", "alert", ["status", "urgency", "opened_at", "alert_id"], unique=False)
    op.create_index(
        "ix_alert_rule_queue", "alert", ["rule", "status", "urgency", "opened_at", "alert_id"], unique=False
    )
    op.create_index("ix_alert_seq", "alert", ["seq"], unique=False)
    op.create_index("ix_alert_subject", "alert", ["tenant", "subject_kind", "subject_id", "opened_at"], unique=False)
    op.create_index(
        "ix_alert_tenant_family",
        "alert",
        ["tenant", "family", "status", "urgency", "opened_at", "alert_id"],
        unique=False,
    )
    op.create_index(
        "ix_alert_tenant_queue", "alert", ["tenant", "status", "urgency", "opened_at", "alert_id"], unique=False
    )
    op.create_index(
        "ix_alert_tenant_rule", "alert", ["tenant", "rule", "status", "urgency", "opened_at", "alert_id"], unique=False
    )
    op.create_index("ix_alert_tenant_seq", "alert", ["tenant", "seq"], unique=False)
    op.create_index("ix_alert_updated", "alert", ["status", "updated_at"], unique=False)
    op.create_table(
        "alert_term",
        sa.Column(
            "term",
            sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
            comment="what an alert is found by, lower case",
        ),
        sa.Column("alert_id", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("term", "alert_id", name=op.f("pk_alert_term")),
    )
    op.create_index("ix_alert_term_alert", "alert_term", ["alert_id", "term"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True, comment="none: nobody was signed in"),
        sa.Column("user_name", sa.String(length=120), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_object", "audit", ["object", "at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("alert_id", sa.String(length=80), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_claim")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "list_version",
        sa.Column("list", sa.String(length=128), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False, comment="`*`: of all tenants"),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list", "tenant", name=op.f("pk_list_version")),
    )
    op.create_table(
        "notice",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False, comment="what it is about; a newer one replaces it"),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_notice")),
    )
    op.create_table(
        "progress",
        sa.Column("topic", sa.String(length=249), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column(
            "topic_id",
            sa.String(length=36),
            nullable=False,
            comment="which Kafka gave it: another topic of that name has another",
        ),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_progress")),
    )
    op.create_table(
        "signal_day",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="below, shadow, suppressed or notice"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", "rule", "kind", name=op.f("pk_signal_day")),
    )
    op.create_table(
        "snooze",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=512), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    op.create_index("ix_snooze_subject", "snooze", ["tenant", "subject_kind", "subject_id", "rule"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=True, comment="argon2id; none: signs in elsewhere"),
        sa.Column(
            "subject", sa.String(length=400), nullable=True, comment="issuer and subject of who signs in elsewhere"
        ),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("tenants", sa.Text(), nullable=False, comment="JSON list; `*` is all"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("name", name=op.f("uq_user_account_name")),
        sa.UniqueConstraint("subject", name=op.f("uq_user_account_subject")),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.String(length=80), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("allow", sa.Text(), nullable=True, comment="JSON of the allowance that goes with it"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="waiting (for a second person), given, refused or undone",
        ),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("second_at", sa.BigInteger(), nullable=True),
        sa.Column("bulk", sa.String(length=32), nullable=True, comment="the same for verdicts given together"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_alert_id"), "verdict", ["alert_id"], unique=False)
    op.create_index("ix_verdict_at", "verdict", ["at"], unique=False)
    op.create_index("ix_verdict_state", "verdict", ["state", "at"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verdict_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True, comment="it is being sent: too late to undo"),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_outbox_verdict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_verdict_id"), "outbox", ["verdict_id"], unique=False)
    op.create_index("ix_outbox_waiting", "outbox", ["sent_at", "not_before"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_user_id"), "saved_view", ["user_id"], unique=False)
    op.create_table(
        "search",
        sa.Column("token", sa.String(length=32), nullable=False, comment="stands for the text in addresses"),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_search_user_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search")),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)
