"""handovers: a copy for a leaver waits two weeks"""

from alembic import op

revision = "20261130_1720"
down_revision = "20261130_1710"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
LEFT = {"before": "e.left_at IS NOT NULL", "after": "e.left_at <= clock_timestamp() - interval '14 days'"}
STILL = {
    "before": "",
    "after": " AND EXISTS (SELECT FROM employee e WHERE e.id = employee_id AND e.left_at IS NOT NULL)",
}
# The database's own clock says since when: no login that serves the web can call somebody a leaver of long ago.
SINCE = """
CREATE FUNCTION employee_left_now() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF starts_with(session_user, 'web_') THEN
        NEW.left_at := coalesce(OLD.left_at, clock_timestamp());
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION employee_left_now() FROM PUBLIC;
CREATE TRIGGER left_now BEFORE UPDATE OF left_at ON employee FOR EACH ROW
    WHEN (NEW.left_at IS NOT NULL AND OLD.left_at IS DISTINCT FROM NEW.left_at) EXECUTE FUNCTION employee_left_now();
"""
BACK = f"""
CREATE FUNCTION handover_ends_with_return() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    UPDATE handover SET revoked_at = clock_timestamp() WHERE employee_id = NEW.id AND revoked_at IS NULL AND taken_at IS NULL;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION handover_ends_with_return() FROM PUBLIC;
CREATE TRIGGER returned AFTER UPDATE OF left_at ON employee FOR EACH ROW
    WHEN (OLD.left_at IS NOT NULL AND NEW.left_at IS NULL) EXECUTE FUNCTION handover_ends_with_return();
"""


def upgrade() -> None:
    _function("after")
    op.execute(SINCE)
    op.execute(BACK)


def downgrade() -> None:
    op.execute("DROP TRIGGER left_now ON employee")
    op.execute("DROP FUNCTION employee_left_now()")
    op.execute("DROP TRIGGER returned ON employee")
    op.execute("DROP FUNCTION handover_ends_with_return()")
    _function("before")


def _function(which: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(f"""
CREATE OR REPLACE FUNCTION handover_person(p_ticket bytea, p_request uuid)
RETURNS TABLE (employee uuid, starts timestamptz, ends timestamptz, kinds text[]) LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    RETURN QUERY
    SELECT r.employee_id, r.starts_at, r.ends_at, r.kinds FROM request r JOIN employee e ON e.id = r.employee_id
     WHERE r.id = p_request AND r.started_by = 'hr' AND r.type IN ('access', 'port') AND r.state IN ('approved', 'running', 'done', 'partial')
       AND {LEFT[which]} AND r.employee_id <> hr.id;
END $$;
CREATE OR REPLACE FUNCTION handover_approve(p_ticket bytea, p_id uuid, p_code bytea, p_seal bytea) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    UPDATE handover SET approved_by = hr.id, approved_name = hr.name, approved_at = clock_timestamp(), code_hash = p_code, approve_seal = p_seal
     WHERE id = p_id AND approved_at IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp(){STILL[which]};
    RETURN FOUND;
END $$;
""")
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")
