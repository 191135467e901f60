"""shares_by_k: what the council reads of a day's check says by which k, and is never of fewer people"""

import sqlalchemy as sa

from alembic import op

revision = "20261130_1680"
down_revision = "20261130_1670"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reconciliation_share", sa.Column("k", sa.SmallInteger(), server_default="10", nullable=False))
    op.alter_column("reconciliation_share", "k", server_default=None)
    op.create_check_constraint(op.f("ck_reconciliation_share_k"), "reconciliation_share", "k >= 10 AND people >= k")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_reconciliation_share_k"), "reconciliation_share")
    op.drop_column("reconciliation_share", "k")
