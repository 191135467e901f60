"""petitions: the ballot's box, what was taken back, and keys whose hash is in the log"""

from alembic import op
import sqlalchemy as sa

revision = "20261201_1970"
down_revision = "20261201_1961"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ballot_key", sa.Column("emptied_on", sa.Date(), nullable=True))
    op.add_column("ballot_key", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ballot_vote", sa.Column("void", sa.Boolean(), server_default="false", nullable=False))
    op.execute("GRANT UPDATE (emptied_on) ON ballot_key TO ballot")
    op.execute("GRANT UPDATE (on_day, void) ON ballot_vote TO ballot")
    op.execute(
        "GRANT SELECT (petition_id, public_key, emptied_on, published_at), UPDATE (published_at) ON ballot_key TO worker"
    )
    op.execute("GRANT SELECT (published_at) ON ballot_key TO web_employee")
    op.execute("GRANT SELECT (petition_id, public_key, published_at) ON ballot_key TO web_council")
    for login in ("worker", "web_council"):
        op.execute(f"CREATE POLICY {login} ON ballot_key TO {login} USING (true) WITH CHECK (true)")


def downgrade() -> None:
    for login in ("worker", "web_council"):
        op.execute(f"DROP POLICY {login} ON ballot_key")
        op.execute(f"REVOKE ALL (petition_id, public_key) ON ballot_key FROM {login}")
    op.execute("REVOKE UPDATE (on_day) ON ballot_vote FROM ballot")
    op.drop_column("ballot_vote", "void")
    op.drop_column("ballot_key", "published_at")
    op.drop_column("ballot_key", "emptied_on")
