"""bystanders: whose item shows somebody is told by their unit only where ten people work there"""

from alembic import op

revision = "20261201_1923"
down_revision = "20261201_1922"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
FROM = """FROM shown_item i
      JOIN segment s ON s.employee_id = i.employee_id AND s.started_at = i.started_at AND s.id = i.segment_id AND s.erasure_id IS NULL
      JOIN employee e ON e.id = i.employee_id
     WHERE i.bystander_id = (SELECT actor_id()) AND (p_item IS NULL OR i.id = p_item)
     ORDER BY s.started_at DESC, i.id LIMIT 500"""
SHOWN = f"""
CREATE OR REPLACE FUNCTION shown_items(p_item uuid)
RETURNS TABLE (id uuid, started_at timestamptz, ended_at timestamptz, kind text, context text, unit text, held bool)
LANGUAGE sql STABLE {HEAD} AS $$
"""
AFTER = f"""{SHOWN}
    WITH found AS (
        SELECT i.id, s.started_at, s.ended_at, s.kind, s.context, e.department,
               shown_held(i.employee_id, i.started_at, i.segment_id) AS held
          {FROM}
    ), told AS (
        SELECT e.department FROM employee e WHERE e.left_at IS NULL AND e.department IN (SELECT f.department FROM found f)
         GROUP BY e.department HAVING count(*) >= 10
    )
    SELECT f.id, f.started_at, f.ended_at, f.kind, f.context, t.department, f.held
      FROM found f LEFT JOIN told t ON t.department = f.department ORDER BY f.started_at DESC, f.id
$$;
"""
BEFORE = f"""{SHOWN}
    SELECT i.id, s.started_at, s.ended_at, s.kind, s.context, e.department, shown_held(i.employee_id, i.started_at, i.segment_id)
      {FROM}
$$;
"""


def upgrade() -> None:
    op.execute(AFTER)


def downgrade() -> None:
    op.execute(BEFORE)
