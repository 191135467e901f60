"""bystanders: what its owner has hidden and may bring back can be claimed"""

from alembic import op

revision = "20261201_2021"
down_revision = "20261201_2002"
branch_labels = None
depends_on = None

CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('claim_shown(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
ANY = "AND s.id = told.segment_id)"
SHOWN = "AND s.id = told.segment_id AND s.erasure_id IS NULL)"


def upgrade() -> None:
    op.execute(CHANGE.format(old=SHOWN, new=ANY))


def downgrade() -> None:
    op.execute(CHANGE.format(old=ANY, new=SHOWN))
