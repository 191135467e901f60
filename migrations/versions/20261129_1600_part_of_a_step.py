"""part of a step: what a store is rewriting now and how many rows it is to lose, so that a kill leaves no doubt"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1600"
down_revision = "20261129_1530"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request_step", sa.Column("part", sa.Text(), nullable=True))
    op.add_column("request_step", sa.Column("part_rows", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("request_step", "part_rows")
    op.drop_column("request_step", "part")
