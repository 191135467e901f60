"""claimants: who claims an item as whom it shows does not read at HR's desk whose it is, in none of the desk's tables"""

from alembic import op
import sqlalchemy as sa

revision = "20261201_1922"
down_revision = "20261201_1921"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# Asked once for each statement: the queue reads a hundred thousand rows, and nobody has claimed more than a few.
CLAIMED = f"""
CREATE FUNCTION claimed_by_me() RETURNS uuid[] LANGUAGE sql STABLE {HEAD} AS $$
    SELECT ARRAY(SELECT r.id FROM request r WHERE r.started_by = 'bystander' AND r.started_by_id = actor_id())
$$;
REVOKE ALL ON FUNCTION claimed_by_me() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claimed_by_me() TO web_hr;
"""
TABLES = ("request_event", "request_count", "request_decision", "request_step", "receipt", "store_task", "handover")
OTHERS = "employee_id <> (SELECT actor_id())"
NOT_MINE = f"{OTHERS} AND request_id <> ALL ((SELECT claimed_by_me())::uuid[])"


def upgrade() -> None:
    op.create_index(
        "ix_request_bystander", "request", ["started_by_id"], postgresql_where=sa.text("started_by = 'bystander'")
    )
    op.execute(CLAIMED)
    _show(NOT_MINE)


def downgrade() -> None:
    _show(OTHERS)
    op.execute("DROP FUNCTION claimed_by_me()")
    op.drop_index("ix_request_bystander", table_name="request", postgresql_where=sa.text("started_by = 'bystander'"))


def _show(seen: str) -> None:
    for table in TABLES:
        op.execute(f"ALTER POLICY web_hr ON {table} USING ({seen}) WITH CHECK ({seen})")
