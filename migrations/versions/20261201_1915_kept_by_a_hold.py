"""deletion: what a hold kept is seen again, and what another deletion covers stays with that one"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1915"
down_revision = "20261201_1890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("erasure", sa.Column("held", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("GRANT UPDATE (erasure_id) ON segment TO worker")
    op.execute("GRANT UPDATE (items, held) ON erasure TO worker")
    op.execute("GRANT UPDATE (items) ON erasure TO web_employee")
    # What a hold kept of deletions that are done was hidden from its own person.
    op.execute("""
WITH kept AS (
    SELECT e.id, count(*) AS items FROM erasure e
      JOIN segment s ON s.employee_id = e.employee_id AND s.erasure_id = e.id
     WHERE e.done_at IS NOT NULL GROUP BY e.id)
UPDATE erasure e SET held = k.items, items = greatest(e.items - k.items, 0) FROM kept k WHERE k.id = e.id""")
    op.execute("""
UPDATE segment s SET erasure_id = NULL FROM erasure e
 WHERE e.id = s.erasure_id AND e.employee_id = s.employee_id AND e.done_at IS NOT NULL""")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (items) ON erasure FROM web_employee")
    op.execute("REVOKE UPDATE (items) ON erasure FROM worker")
    op.execute("REVOKE UPDATE (erasure_id) ON segment FROM worker")
    op.drop_column("erasure", "held")
