"""counted on: each quarter and release say on which day it was written down who belongs where"""

from alembic import op
import sqlalchemy as sa

revision = "20261201_1978"
down_revision = "20261201_1977"
branch_labels = None
depends_on = None

# Until now that was done by the first release of a quarter.
DAYS = "SELECT quarter, min(released_at AT TIME ZONE 'UTC')::date AS day FROM pub.release GROUP BY quarter"
TABLES = (("panel_cell", None), ("release", "pub"))


def upgrade() -> None:
    for table, schema in TABLES:
        op.add_column(table, sa.Column("counted_on", sa.Date(), nullable=True), schema=schema)
        named = f"{schema}.{table}" if schema else table
        op.execute(f"UPDATE {named} t SET counted_on = d.day FROM ({DAYS}) d WHERE d.quarter = t.quarter")


def downgrade() -> None:
    for table, schema in TABLES:
        op.drop_column(table, "counted_on", schema=schema)
