"""told once: releases count mismatches and incidents; what the council reads of a day is never written anew"""

from alembic import op

revision = "20261201_1976"
down_revision = "20261201_1975"
branch_labels = None
depends_on = None

# Whose incidents they are, to count people, and what they are about: no word of what was written.
COUNTED = "SELECT (employee_id, what, raised_at, answered_at, withdrawn_at) ON incident"


def upgrade() -> None:
    op.execute(f"GRANT {COUNTED} TO worker")
    op.execute("CREATE POLICY worker ON incident TO worker USING (true) WITH CHECK (true)")
    op.execute("REVOKE UPDATE ON reconciliation_share FROM worker")


def downgrade() -> None:
    op.execute("GRANT UPDATE ON reconciliation_share TO worker")
    op.execute("DROP POLICY worker ON incident")
    op.execute(f"REVOKE {COUNTED} FROM worker")
