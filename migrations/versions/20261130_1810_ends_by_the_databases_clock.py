"""stops: the database says when one was ended, once"""

from alembic import op

revision = "20261130_1810"
down_revision = "20261130_1800"
branch_labels = None
depends_on = None

# The gateway judges the end by the trust document of that moment. A desk that could write it could go back to older keys.
ENDED = """
CREATE FUNCTION stop_ends_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.resumed_at IS NOT NULL THEN
        RAISE EXCEPTION 'stop % has ended already', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    NEW.resumed_at := CASE WHEN NEW.resumed_at IS NOT NULL THEN greatest(clock_timestamp(), NEW.asked_at) END;
    RETURN NEW;
END $$;
CREATE TRIGGER stop_ends_once BEFORE UPDATE OF resume_envelope, resumed_at ON stop FOR EACH ROW
    WHEN (session_user IN ('web_officer', 'web_council')) EXECUTE FUNCTION stop_ends_once();
REVOKE ALL ON FUNCTION stop_ends_once() FROM PUBLIC;
"""


def upgrade() -> None:
    op.execute(ENDED)


def downgrade() -> None:
    op.execute("DROP TRIGGER stop_ends_once ON stop")
    op.execute("DROP FUNCTION stop_ends_once()")
