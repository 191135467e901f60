"""handovers: a copy for a leaver leaves out what the decision leaves out"""

from alembic import op

revision = "20261130_1850"
down_revision = "20261130_1840"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
KINDS = ("click", "key", "pointer", "prompt", "screenshot", "window")
# The vault's order knows a stretch of time and kinds. What it cannot leave out it does not hand over at all.
LEFT_OUT = """
  LEFT JOIN LATERAL (
    SELECT array_agg(one->>'kind') AS kinds, bool_or(one->>'kind' IS NULL) AS whole
      FROM request_decision d
     CROSS JOIN jsonb_array_elements(CASE jsonb_typeof(d.stays) WHEN 'array' THEN d.stays ELSE '[]' END) one
     WHERE d.request_id = r.id AND d.employee_id = r.employee_id AND d.rejected_at IS NULL
  ) l ON true
 CROSS JOIN LATERAL (
    SELECT CASE WHEN l.kinds IS NULL THEN r.kinds
                ELSE ARRAY(SELECT k FROM unnest(coalesce(r.kinds, ARRAY[{all}])) k WHERE k <> ALL (l.kinds)) END AS kinds
  ) w"""
WHERE = """
       AND r.contexts IS NULL AND r.sensitivities IS NULL AND r.segments IS NULL
       AND l.whole IS NOT TRUE AND w.kinds IS DISTINCT FROM '{}'"""


def upgrade() -> None:
    _function("w.kinds", LEFT_OUT.format(all=", ".join(f"'{kind}'" for kind in KINDS)), WHERE)


def downgrade() -> None:
    _function("r.kinds", "", "")


def _function(kinds: str, joined: str, narrowed: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(f"""
CREATE OR REPLACE FUNCTION handover_person(p_ticket bytea, p_request uuid)
RETURNS TABLE (employee uuid, starts timestamptz, ends timestamptz, kinds text[]) LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    RETURN QUERY
    SELECT r.employee_id, r.starts_at, r.ends_at, {kinds}
      FROM request r JOIN employee e ON e.id = r.employee_id{joined}
     WHERE r.id = p_request AND r.started_by = 'hr' AND r.type IN ('access', 'port') AND r.state IN ('approved', 'running', 'done', 'partial')
       AND e.left_at <= clock_timestamp() - interval '14 days' AND r.employee_id <> hr.id{narrowed};
END $$;
""")
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")
