"""identity: each address that the directory gives is told, a change under the old one, too; a shared one names nobody"""

from alembic import op

revision = "20261130_1820"
down_revision = "20261130_1811"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
SAME = "OLD.subject = NEW.subject AND lower(OLD.email) IS DISTINCT FROM lower(NEW.email)"
TRIGGER = """
DROP TRIGGER email_told ON employee;
CREATE TRIGGER email_told AFTER UPDATE OF email ON employee FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION employee_email_told();
"""
BODY = """
CREATE OR REPLACE FUNCTION employee_email_told() RETURNS trigger LANGUAGE plpgsql {head} AS $$
BEGIN
    IF session_user IN ('web_directory', 'web_session') THEN
        INSERT INTO notification (id, employee_id, kind, reference, params)
        VALUES (gen_random_uuid(), NEW.id, 'address_changed', 'address_changed:' || gen_random_uuid(),
                jsonb_build_object('address', NEW.email));
        INSERT INTO audit_entry (actor_role, action, object_id, employee_id)
        VALUES ({role}, 'employee.address_changed', NEW.id, NEW.id);{more}
    END IF;
    RETURN NULL;
END $$;
"""
# The first address that somebody brings along by signing in is no news to them.
ROLE = "CASE session_user WHEN 'web_directory' THEN 'directory' ELSE 'sign_in' END"
MAILED = """
        IF OLD.email IS NOT NULL THEN
            INSERT INTO outbox (id, address, kind, reference, params)
            VALUES (gen_random_uuid(), OLD.email, 'address_changed', 'address_changed:' || gen_random_uuid(), '{}');
        END IF;"""
# `sure`: nobody else has or had it; or HR has said of all who do whose it is, a week ago, and today it is theirs.
COLLEAGUE = f"""
DROP FUNCTION colleague(text);
CREATE FUNCTION colleague(p_email text) RETURNS TABLE (id uuid, name text, sure bool)
LANGUAGE sql STABLE {HEAD} AS $$
    WITH holder AS (
        SELECT e.id, e.name, e.left_at, coalesce(lower(e.email) = lower(p_email), false) AS has, s.theirs,
               s.theirs AND coalesce(s.since <= (now() AT TIME ZONE 'UTC')::date, true)
                        AND coalesce(s.until > (now() AT TIME ZONE 'UTC')::date, true) AS today
          FROM employee e LEFT JOIN address_span s ON s.employee_id = e.id AND s.address = lower(p_email)
                                                  AND s.settled_at <= now() - interval '7 days'
         WHERE lower(e.email) = lower(p_email) OR e.former_emails @> ARRAY[lower(p_email)]
    )
    SELECT h.id, h.name, (SELECT count(*) = 1 OR bool_and(o.theirs IS NOT NULL) AND coalesce(h.today, false) FROM holder o)
      FROM holder h WHERE h.has AND h.left_at IS NULL AND actor_id() IS NOT NULL
$$;
REVOKE ALL ON FUNCTION colleague(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION colleague(text) TO web_employee;
"""
COLLEAGUE_BEFORE = f"""
DROP FUNCTION colleague(text);
CREATE FUNCTION colleague(p_email text) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT e.id, e.name FROM employee e
     WHERE lower(e.email) = lower(p_email) AND e.left_at IS NULL AND actor_id() IS NOT NULL
$$;
REVOKE ALL ON FUNCTION colleague(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION colleague(text) TO web_employee;
"""


def upgrade() -> None:
    op.execute(BODY.format(head=HEAD, role=ROLE, more=MAILED))
    known = "(OLD.email IS NOT NULL OR session_user = 'web_directory') AND NEW.email IS NOT NULL"
    op.execute(TRIGGER.format(when=f"{known} AND {SAME}"))
    op.execute(COLLEAGUE)


def downgrade() -> None:
    op.execute(COLLEAGUE_BEFORE)
    op.execute(TRIGGER.format(when=f"OLD.email IS NOT NULL AND NEW.email IS NOT NULL AND {SAME}"))
    op.execute(BODY.format(head=HEAD, role="'directory'", more=""))
