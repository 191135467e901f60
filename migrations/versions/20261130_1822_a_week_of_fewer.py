"""petitions: that there are fewer employees counts once it held for a week"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1822"
down_revision = "20261130_1821"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("fewer_since", sa.Date(), nullable=True))
    op.add_column("petition", sa.Column("fewer", sa.BigInteger(), nullable=True))
    op.execute("GRANT UPDATE (fewer_since, fewer) ON petition TO worker")


def downgrade() -> None:
    op.drop_column("petition", "fewer")
    op.drop_column("petition", "fewer_since")
