"""reconciliation: tallies of devices, the check of each person's day, and what the organisation may know of it"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_1400"
down_revision = "20261129_1350"
branch_labels = None
depends_on = None

OWN = "employee_id = (SELECT actor_id())"
EVERY = "true"
KEPT = "personal: deleted after 400 days"
# login → privileges. A tally is nobody's to change; a finding is never taken back. The page adds what it does not show.
GRANTS = {
    "tally": {
        "gateway": "SELECT (device_id, day, refused, hash), INSERT",
        "worker": "SELECT, DELETE",
        "web_employee": "SELECT",
    },
    "reconciliation": {
        "worker": "SELECT, INSERT, UPDATE (state, checked_at, missing, figures), DELETE",
        "web_employee": "SELECT",
    },
    "reconciliation_finding": {
        "worker": "SELECT, INSERT, UPDATE (items, segment_ids), DELETE",
        "web_employee": "SELECT, INSERT",
    },
    "reconciliation_total": {"worker": "SELECT, INSERT, UPDATE, DELETE", "web_officer": "SELECT"},
    "reconciliation_share": {"worker": "SELECT, INSERT, UPDATE, DELETE", "web_council": "SELECT"},
}
# What the check reads besides what the worker reads already.
READS = {
    "device": "SELECT (id, employee_id, kind, platform, public_key, added_at, last_seen_at, removed_at)",
    "lease_span": "SELECT",
}


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=KEPT),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False, comment=KEPT),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_tally_employee_id")),
        sa.PrimaryKeyConstraint("device_id", "day", "refused", name=op.f("pk_tally")),
    )
    op.create_index(op.f("ix_tally_employee_id"), "tally", ["employee_id"], unique=False)
    op.create_table(
        "reconciliation",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=KEPT),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("green", "amber", "red", name="state", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment=KEPT),
        sa.CheckConstraint("(state IS NULL) = (checked_at IS NULL)", name=op.f("ck_reconciliation_checked")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_reconciliation_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "day", name=op.f("pk_reconciliation")),
    )
    due = sa.text("state IS NULL OR missing > 0")
    op.create_index("ix_reconciliation_due", "reconciliation", ["due_at"], unique=False, postgresql_where=due)
    op.create_index("ix_reconciliation_day", "reconciliation", ["day"], unique=False)
    op.create_table(
        "reconciliation_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=KEPT),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("device_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False, comment=KEPT),
        sa.Column("place", sa.Text(), nullable=False, comment=KEPT),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("segment_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_reconciliation_finding_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_finding")),
    )
    op.create_index(
        "uq_reconciliation_finding",
        "reconciliation_finding",
        ["employee_id", "day", "what", "device_id", "kind", "context", "place"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_reconciliation_finding_day", "reconciliation_finding", ["day"], unique=False)
    op.create_table(
        "reconciliation_total",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device_class", sa.Text(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", "kind", "device_class", name=op.f("pk_reconciliation_total")),
    )
    op.create_table(
        "reconciliation_share",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("people >= 10", name=op.f("ck_reconciliation_share_enough")),
        sa.PrimaryKeyConstraint("day", "measure", name=op.f("pk_reconciliation_share")),
    )
    _grant()


def _grant() -> None:
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in logins.items():
            seen = OWN if login == "web_employee" else EVERY
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    for table, privileges in READS.items():
        op.execute(f"GRANT {privileges} ON {table} TO worker")
        op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")


def downgrade() -> None:
    for table, privileges in READS.items():
        op.execute(f"DROP POLICY worker ON {table}")
        op.execute(f"REVOKE {privileges} ON {table} FROM worker")
    for table in reversed(GRANTS):
        op.drop_table(table)
