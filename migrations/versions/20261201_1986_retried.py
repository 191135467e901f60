"""requests: what HR has tried again is found without reading every event"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1986"
down_revision = "20261201_1980"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_request_event_retried", "request_event", ["id"], unique=False, postgresql_where=sa.text("kind = 'retried'")
    )


def downgrade() -> None:
    op.drop_index("ix_request_event_retried", table_name="request_event")
