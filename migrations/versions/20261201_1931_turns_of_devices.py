"""turns of devices: the gateway takes turns with uploads when a device tells of a pause, as the portal does"""

from alembic import op

revision = "20261201_1931"
down_revision = "20261201_1930"
branch_labels = None
depends_on = None

# The numbers in the order in which person_turns takes them, so that no two batches wait for each other.
ALONE = """
CREATE FUNCTION person_turns_alone(p_people uuid[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT DISTINCT turn_number('person|' || p) FROM unnest(p_people) p ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(one);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.execute(ALONE)
    op.execute("REVOKE ALL ON FUNCTION person_turns_alone(uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION person_turns_alone(uuid[]) TO gateway")


def downgrade() -> None:
    op.execute("DROP FUNCTION person_turns_alone(uuid[])")
