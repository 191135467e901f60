"""settling: everybody affected may say once that an answer does not explain a mismatch, whoever has said so before"""

from alembic import op

revision = "20261201_1924"
down_revision = "20261201_1923"
branch_labels = None
depends_on = None

ONCE = "state = 'answered' AND disputed_on IS NULL"
EACH = (
    "state = 'answered' AND NOT EXISTS "
    "(SELECT FROM mismatch_part d WHERE d.mismatch_id = p_id AND d.employee_id = me AND d.disputed_at IS NOT NULL)"
)
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('mismatch_dispute(uuid)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.execute(CHANGE.format(old=ONCE, new=EACH))


def downgrade() -> None:
    op.execute(CHANGE.format(old=EACH, new=ONCE))
