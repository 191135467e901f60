"""watch: what the worker saw when it last looked; which devices a stop concerned, for the check of each day"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1530"
down_revision = "20261129_1520"
branch_labels = None
depends_on = None

NAMES = (
    *("mismatches", "stops", "policy", "log", "witness", "checks"),
    *("requests", "stores", "petitions", "drafts", "releases", "tallies"),
)
STOPPED = {
    "stop_device": "stop_id, device_id, employee_id",
    "stop_answer": "stop_id, device_id, employee_id, answered_at",
}
GRANTS = {"worker": "SELECT, INSERT, UPDATE (found, since, looked_at)", "web_officer": "SELECT"}


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column(
            "name",
            sa.Enum(*NAMES, name="name", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("found", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("found >= 0", name=op.f("ck_watch_found")),
        sa.CheckConstraint("coalesce(found > 0, true) = (since IS NOT NULL)", name=op.f("ck_watch_since")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watch")),
    )
    op.execute("ALTER TABLE watch ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON watch TO owner USING (true) WITH CHECK (true)")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON watch TO {login}")
        op.execute(f"CREATE POLICY {login} ON watch TO {login} USING (true) WITH CHECK (true)")
    for table, columns in STOPPED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")
        op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")
    # Which policy a device has applied; the worker reads its other words already.
    op.execute("GRANT SELECT (id, device_id, policy) ON device_report TO worker")


def downgrade() -> None:
    op.execute("REVOKE SELECT (id, device_id, policy) ON device_report FROM worker")
    for table, columns in STOPPED.items():
        op.execute(f"DROP POLICY worker ON {table}")
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM worker")
    op.drop_table("watch")
