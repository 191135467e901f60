"""volumes: the gateway reads how much of a day is stored, so that it can refuse what no device can honestly send"""

from alembic import op

revision = "20261201_1930"
down_revision = "20261201_1924"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT SELECT (employee_id, local_day, kind, items, bytes) ON employee_day TO gateway")
    op.execute("CREATE POLICY gateway ON employee_day TO gateway USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.execute("DROP POLICY gateway ON employee_day")
    op.execute("REVOKE ALL ON employee_day FROM gateway")
