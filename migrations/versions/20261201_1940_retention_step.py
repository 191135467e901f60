"""retention: deleting by age is a step of its own, claimed, fenced, and read back by the login that only looks"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1940"
down_revision = "20261201_1932"
branch_labels = None
depends_on = None

KINDS = ("screenshot", "key", "pointer", "click", "window", "prompt")
STATES = ("waiting", "running", "pending", "done", "partial")
NAMES = (
    *("incidents", "mismatches", "stops", "policy", "log", "witness", "checks", "requests", "stores", "petitions"),
    *("drafts", "releases", "tallies"),
)
GRANTS = {
    "worker": "SELECT, INSERT, UPDATE",
    "web_officer": "SELECT (id, kind, until, state, pending_since, told, remaining, physical_on, read_back_at, entry_id)",
    "web_employee": "SELECT (id, kind, until, state, physical_on, read_back_at, entry_id)",
}
READBACK = {
    "policy": "SELECT",
    "request": "SELECT (id, employee_id, type, state, starts_at, ends_at, kinds, contexts, sensitivities, segments, appeals)",
}
"""What the login that reads back needs to see for itself what is too old, and what a freeze keeps."""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "retention_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of(KINDS, "kind"), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("state", _one_of(STATES, "state"), server_default="waiting", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_try_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("pending_since", moment, nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed_until", moment, nullable=True),
        sa.Column("deleted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("people", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frozen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("physical_on", sa.Date(), nullable=True),
        sa.Column("read_back_at", moment, nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("told IS NULL OR people >= 10", name=op.f("ck_retention_step_told")),
        sa.CheckConstraint(
            "(state IN ('done', 'partial')) = (read_back_at IS NOT NULL AND remaining IS NOT NULL)",
            name=op.f("ck_retention_step_ended"),
        ),
        sa.CheckConstraint("state <> 'done' OR remaining = 0", name=op.f("ck_retention_step_done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_step")),
        sa.UniqueConstraint("kind", "until", name=op.f("uq_retention_step_kind_until")),
    )
    op.create_index(
        "ix_retention_step_due",
        "retention_step",
        ["next_try_at"],
        postgresql_where=sa.text("state IN ('waiting', 'running', 'pending')"),
    )
    op.execute("ALTER TABLE retention_step ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON retention_step TO owner USING (true) WITH CHECK (true)")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON retention_step TO {login}")
        op.execute(f"CREATE POLICY {login} ON retention_step TO {login} USING (true) WITH CHECK (true)")
    for table, privileges in READBACK.items():
        op.execute(f"GRANT {privileges} ON {table} TO readback")
        op.execute(f"CREATE POLICY readback ON {table} TO readback USING (true) WITH CHECK (true)")
    _watched((*NAMES, "retention"))


def downgrade() -> None:
    op.execute("DELETE FROM watch WHERE name = 'retention'")
    _watched(NAMES)
    for table, privileges in READBACK.items():
        op.execute(f"DROP POLICY readback ON {table}")
        op.execute(f"REVOKE {privileges} ON {table} FROM readback")
    op.drop_table("retention_step")


def _one_of(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _watched(names: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    op.execute("ALTER TABLE watch DROP CONSTRAINT ck_watch_name")
    op.execute(f"ALTER TABLE watch ADD CONSTRAINT ck_watch_name CHECK (name IN ({listed}))")
