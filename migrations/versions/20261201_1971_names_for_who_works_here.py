"""petitions: who has left reads the own name only, and nobody else's"""

from alembic import op

revision = "20261201_1971"
down_revision = "20261201_1970"
branch_labels = None
depends_on = None

ANYBODY = "WHERE (SELECT actor_id()) IS NOT NULL"
WORKS_HERE = "WHERE EXISTS (SELECT FROM employee w WHERE w.id = (SELECT actor_id()) AND (w.left_at IS NULL OR w.id = p.employee_id))"
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('petition_people(uuid, int)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.execute(CHANGE.format(old=ANYBODY, new=WORKS_HERE))


def downgrade() -> None:
    op.execute(CHANGE.format(old=WORKS_HERE, new=ANYBODY))
