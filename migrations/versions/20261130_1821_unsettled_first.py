"""identity: of shared addresses those come first of which nothing was said, and each can be asked for by itself"""

from alembic import op

revision = "20261130_1821"
down_revision = "20261130_1820"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
SHARED = """
DROP FUNCTION shared_addresses({old});
CREATE FUNCTION shared_addresses({new}) RETURNS TABLE (address text, employee_id uuid, name text, department text,
                                                       has bool, left_at timestamptz)
LANGUAGE sql STABLE {head} AS $$
    WITH one AS (
        SELECT lower(e.email) AS address, e.id, true AS has FROM employee e WHERE e.email IS NOT NULL
        UNION ALL SELECT unnest(e.former_emails), e.id, false FROM employee e
    ), shared AS ({shared}
    )
    SELECT o.address, e.id, e.name, e.department, o.has, e.left_at
      FROM shared JOIN one o ON o.address = shared.address JOIN employee e ON e.id = o.id ORDER BY {order}
$$;
REVOKE ALL ON FUNCTION shared_addresses({signature}) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared_addresses({signature}) TO web_hr;
"""
BEFORE = """
        SELECT o.address FROM one o GROUP BY o.address
        HAVING count(*) > 1 AND NOT bool_or(o.id = actor_id()) ORDER BY o.address LIMIT p_most"""
# `p_address` NULL: of every address. One that somebody was given after HR had spoken is open again.
SINCE = """
        SELECT o.address, bool_and(s.employee_id IS NOT NULL) AS said
          FROM one o LEFT JOIN address_span s ON s.employee_id = o.id AND s.address = o.address
         WHERE p_address IS NULL OR o.address = p_address GROUP BY o.address
        HAVING count(*) > 1 AND NOT bool_or(o.id = actor_id()) ORDER BY 2, 1 LIMIT p_most OFFSET p_skip"""
NEW = "p_most int, p_skip int, p_address text"
TYPES = "int, int, text"


def upgrade() -> None:
    changed = {"old": "int", "new": NEW, "signature": TYPES}
    op.execute(SHARED.format(head=HEAD, shared=SINCE, order="shared.said, 1, 3, 2", **changed))


def downgrade() -> None:
    changed = {"old": TYPES, "new": "p_most int", "signature": "int"}
    op.execute(SHARED.format(head=HEAD, shared=BEFORE, order="1, 3, 2", **changed))
