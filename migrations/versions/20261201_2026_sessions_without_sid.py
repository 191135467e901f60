"""identity: a logout of the person's reaches a session whose token named none"""

from alembic import op

revision = "20261201_2026"
down_revision = "20261201_1982"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION session_end_by_provider(p_token bytea, p_issuer text, p_subject text, p_sid text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended uuid[];
BEGIN
    INSERT INTO used_logout_token (token_hash) VALUES (p_token) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    WITH closed AS (
        UPDATE login_session s SET ended_at = now(), id_token = NULL
         WHERE s.issuer = p_issuer AND s.ended_at IS NULL AND (p_subject IS NOT NULL OR p_sid IS NOT NULL)
           AND (p_subject IS NULL OR s.subject = p_subject) AND (p_sid IS NULL OR s.sid = p_sid{unnamed})
        RETURNING s.id
    ) SELECT coalesce(array_agg(id), '{{}}') INTO ended FROM closed;
    DELETE FROM vault_ticket WHERE session_id = ANY (ended);
    IF p_sid IS NULL AND p_subject IS NOT NULL THEN
        UPDATE export_order o SET cancelled_at = now() FROM employee e
         WHERE e.issuer = p_issuer AND e.subject = p_subject AND o.employee_id = e.id
           AND o.finished_at IS NULL AND o.cancelled_at IS NULL;
    END IF;
    RETURN cardinality(ended);
END $$
"""
UNNAMED = " OR (s.sid IS NULL AND p_subject IS NOT NULL)"


def upgrade() -> None:
    op.execute(FUNCTION.format(unnamed=UNNAMED))


def downgrade() -> None:
    op.execute(FUNCTION.format(unnamed=""))
