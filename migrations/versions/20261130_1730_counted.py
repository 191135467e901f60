"""releases: who is in the directory counts once they have a device"""

from alembic import op

revision = "20261130_1730"
down_revision = "20261130_1720"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT SELECT (employee_id) ON directory_entry TO worker")
    op.execute("CREATE POLICY worker ON directory_entry TO worker USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.execute("DROP POLICY worker ON directory_entry")
    op.execute("REVOKE SELECT (employee_id) ON directory_entry FROM worker")
