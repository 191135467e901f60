"""watch: the officer's page counts incidents itself, so the worker reads none of them any more"""

from alembic import op

revision = "20261201_1950"
down_revision = "20261201_1941"
branch_labels = None
depends_on = None

COLUMNS = "id, raised_at, answered_at, withdrawn_at"


def upgrade() -> None:
    op.execute("DELETE FROM watch WHERE name = 'incidents'")
    op.execute("DROP POLICY worker ON incident")
    op.execute(f"REVOKE SELECT ({COLUMNS}) ON incident FROM worker")


def downgrade() -> None:
    op.execute(f"GRANT SELECT ({COLUMNS}) ON incident TO worker")
    op.execute("CREATE POLICY worker ON incident TO worker USING (true) WITH CHECK (true)")
