"""a person sees and ends other sessions of their own"""

from alembic import op

revision = "20261129_0300"
down_revision = "20261129_0200"
branch_labels = None
depends_on = None

# Both know the person by the cookie's hash alone, so that nobody names somebody else.
SESSIONS = """
CREATE FUNCTION session_others(p_token bytea, p_idle interval)
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT other.id, other.created_at, other.last_seen_at
      FROM login_session own JOIN login_session other ON other.employee_id = own.employee_id AND other.id <> own.id
     WHERE own.token_hash = p_token AND own.ended_at IS NULL AND own.expires_at > now() AND own.last_seen_at > now() - p_idle
       AND other.ended_at IS NULL AND other.expires_at > now() AND other.last_seen_at > now() - p_idle
     ORDER BY other.last_seen_at DESC, other.id
     LIMIT 50;
$$;
CREATE FUNCTION session_end_others(p_token bytea, p_idle interval, p_only uuid) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended uuid[];
BEGIN
    WITH own AS (
        SELECT s.id, s.employee_id FROM login_session s
         WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at > now() - p_idle
    ), closed AS (
        UPDATE login_session s SET ended_at = now(), id_token = NULL FROM own
         WHERE s.employee_id = own.employee_id AND s.id <> own.id AND s.ended_at IS NULL AND (p_only IS NULL OR s.id = p_only)
        RETURNING s.id
    ) SELECT coalesce(array_agg(id), '{}') INTO ended FROM closed;
    DELETE FROM vault_ticket WHERE session_id = ANY (ended);
    RETURN cardinality(ended);
END $$;
"""
FUNCTIONS = ("session_others(bytea, interval)", "session_end_others(bytea, interval, uuid)")


def upgrade() -> None:
    op.execute(SESSIONS)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO web_session")


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
