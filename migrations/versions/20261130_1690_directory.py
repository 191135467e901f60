"""directory: who works here and where comes from the company's directory, or from claims; leaving takes effect at once"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1690"
down_revision = "20261130_1680"
branch_labels = None
depends_on = None

LOGIN = "web_directory"
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
TOLD = "name, email, site, department, country, left_at"
# Whoever writes the row: a role ends with the employment, and the gateway reads the person's devices anew. What the
# directory or a claim says of somebody is told to them and stands in the log.
MOVED = f"""
CREATE FUNCTION employee_moved() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    went text := CASE WHEN OLD.left_at IS NULL AND NEW.left_at IS NOT NULL THEN 'left'
                      WHEN OLD.left_at IS NOT NULL AND NEW.left_at IS NULL THEN 'returned' END;
    moved text := CASE WHEN coalesce(OLD.site, OLD.department, OLD.country) IS NOT NULL
                        AND (OLD.site, OLD.department, OLD.country) IS DISTINCT FROM (NEW.site, NEW.department, NEW.country) THEN 'moved' END;
    what text;
BEGIN
    IF NEW.left_at IS NOT NULL THEN
        DELETE FROM role_grant WHERE employee_id = NEW.id;
    END IF;
    IF session_user IN ('web_directory', 'web_session') THEN
        FOREACH what IN ARRAY array_remove(ARRAY[went, moved], NULL) LOOP
            INSERT INTO notification (id, employee_id, kind, reference, params)
            VALUES (gen_random_uuid(), NEW.id, what, what || ':' || gen_random_uuid(), '{{}}');
            INSERT INTO audit_entry (actor_role, action, object_id, employee_id)
            VALUES ('directory', 'employee.' || what, NEW.id, NEW.id);
        END LOOP;
    END IF;
    PERFORM pg_notify('device', d.id::text) FROM device d WHERE d.employee_id = NEW.id AND d.removed_at IS NULL;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION employee_moved() FROM PUBLIC;
CREATE TRIGGER moved AFTER UPDATE ON employee FOR EACH ROW
    WHEN ((OLD.site, OLD.department, OLD.country, OLD.left_at) IS DISTINCT FROM (NEW.site, NEW.department, NEW.country, NEW.left_at))
    EXECUTE FUNCTION employee_moved();
"""
# Beside session_start, as session_grade. Who is in the directory works where it says.
SESSION_PLACE = f"""
CREATE FUNCTION session_place(p_token bytea, p_site text, p_department text, p_country text) RETURNS void
LANGUAGE sql {HEAD} AS $$
    UPDATE employee e SET site = p_site, department = p_department, country = p_country FROM login_session s
     WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.employee_id = e.id
       AND (e.site, e.department, e.country) IS DISTINCT FROM (p_site, p_department, p_country)
       AND NOT EXISTS (SELECT FROM directory_entry d WHERE d.employee_id = e.id);
$$;
REVOKE ALL ON FUNCTION session_place(bytea, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_place(bytea, text, text, text) TO web_session;
"""
ROWS = "SELECT user_name, external_id, resource, created_at, changed_at FROM directory_entry WHERE employee_id = who"
CASES = f"    WHEN 'directory' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({ROWS}) r;"
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    erased = "personal: whole-person erasure"
    op.create_table(
        "directory_entry",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False, comment=erased),
        sa.Column("external_id", sa.Text(), nullable=True, comment=erased),
        sa.Column("resource", sa.dialects.postgresql.JSONB(), nullable=False, comment=erased),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_directory_entry_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_directory_entry")),
    )
    op.create_index("uq_directory_entry_user_name", "directory_entry", [sa.text("lower(user_name)")], unique=True)
    op.create_index(op.f("ix_directory_entry_external_id"), "directory_entry", ["external_id"], unique=False)
    op.execute("ALTER TABLE directory_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON directory_entry TO owner USING (true) WITH CHECK (true)")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {LOGIN}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON directory_entry TO {LOGIN}")
    op.execute(
        f"GRANT SELECT (id, issuer, subject, {TOLD}), INSERT (id, issuer, subject, name), UPDATE ({TOLD}) ON employee TO {LOGIN}"
    )
    for table in ("directory_entry", "employee"):
        op.execute(f"CREATE POLICY {LOGIN} ON {table} TO {LOGIN} USING (true) WITH CHECK (true)")
    op.execute(f"GRANT EXECUTE ON FUNCTION seat_named(text, text), log_size() TO {LOGIN}")
    op.execute("GRANT SELECT ON directory_entry TO vault_definer")
    op.execute("CREATE POLICY vault_definer ON directory_entry TO vault_definer USING (true) WITH CHECK (true)")
    op.execute(MOVED)
    op.execute(SESSION_PLACE)
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")


def downgrade() -> None:
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    op.execute("DROP FUNCTION session_place(bytea, text, text, text)")
    op.execute("DROP TRIGGER moved ON employee")
    op.execute("DROP FUNCTION employee_moved()")
    op.execute(f"REVOKE EXECUTE ON FUNCTION seat_named(text, text), log_size() FROM {LOGIN}")
    op.execute(f"DROP POLICY {LOGIN} ON employee")
    op.execute(f"REVOKE ALL ON employee FROM {LOGIN}")
    op.drop_table("directory_entry")
    op.execute(f"REVOKE USAGE ON SCHEMA public FROM {LOGIN}")
