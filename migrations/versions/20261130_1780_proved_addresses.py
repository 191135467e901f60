"""identity: an address counts when it was checked, and HR says whose one is that several people have or had"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1780"
down_revision = "20261130_1761"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# The web process passes on what the provider has checked, and nothing otherwise: that takes no address away.
SESSION_START = "session_start(text, text, text, text, text[], bytea, text, timestamptz, timestamptz, text)"
WRITTEN = "        UPDATE employee SET name = p_name, email = p_email WHERE"
KEPT = (
    """        IF person.email IS NOT NULL AND (p_email IS NULL OR EXISTS (
            SELECT FROM directory_entry d WHERE d.employee_id = person.id AND d.resource ? 'emails')) THEN
            p_email := person.email;
        END IF;
"""
    + WRITTEN
)
# As `employee_moved`: what decides where rows of somebody are looked for is told to them and stands in the log.
TOLD = f"""
CREATE FUNCTION employee_email_told() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    IF session_user IN ('web_directory', 'web_session') THEN
        INSERT INTO notification (id, employee_id, kind, reference, params)
        VALUES (gen_random_uuid(), NEW.id, 'address_changed', 'address_changed:' || gen_random_uuid(),
                jsonb_build_object('address', NEW.email));
        INSERT INTO audit_entry (actor_role, action, object_id, employee_id)
        VALUES ('directory', 'employee.address_changed', NEW.id, NEW.id);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION employee_email_told() FROM PUBLIC;
CREATE TRIGGER email_told AFTER UPDATE OF email ON employee FOR EACH ROW
    WHEN (OLD.email IS NOT NULL AND NEW.email IS NOT NULL AND OLD.subject = NEW.subject
          AND lower(OLD.email) IS DISTINCT FROM lower(NEW.email))
    EXECUTE FUNCTION employee_email_told();
"""
# Of whom an address is or was; none that the reader has a part in. HR sees no other address of before.
SHARED = f"""
CREATE FUNCTION address_shared(p_address text) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT count(*) > 1 AND NOT bool_or(e.id = actor_id()) FROM employee e
     WHERE lower(e.email) = p_address OR e.former_emails @> ARRAY[p_address]
$$;
CREATE FUNCTION shared_addresses(p_most int) RETURNS TABLE (address text, employee_id uuid, name text, department text,
                                                            has bool, left_at timestamptz)
LANGUAGE sql STABLE {HEAD} AS $$
    WITH one AS (
        SELECT lower(e.email) AS address, e.id, true AS has FROM employee e WHERE e.email IS NOT NULL
        UNION ALL SELECT unnest(e.former_emails), e.id, false FROM employee e
    ), shared AS (
        SELECT o.address FROM one o GROUP BY o.address
        HAVING count(*) > 1 AND NOT bool_or(o.id = actor_id()) ORDER BY o.address LIMIT p_most
    )
    SELECT o.address, e.id, e.name, e.department, o.has, e.left_at
      FROM shared JOIN one o ON o.address = shared.address JOIN employee e ON e.id = o.id ORDER BY 1, 3, 2
$$;
REVOKE ALL ON FUNCTION address_shared(text), shared_addresses(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION address_shared(text), shared_addresses(int) TO web_hr;
"""
OTHERS = "employee_id <> (SELECT actor_id()) AND address_shared(address)"
# Who said it, and when, is the database's word: what counts after a week cannot be put a week back.
GRANTS = {
    "worker": ("SELECT", "true"),
    "vault_definer": ("SELECT", "true"),
    "web_hr": ("SELECT, INSERT (employee_id, address, theirs, since, until), DELETE", OTHERS),
}
ROWS = "SELECT address, theirs, since, until, settled_at FROM address_span WHERE employee_id = who"
CASES = f"    WHEN 'addresses' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({ROWS}) r;"
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('{function}'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE.format(function="export_rows(uuid,text)", old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    op.create_table(
        "address_span",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("theirs", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), server_default=sa.text("actor_id()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_address_span_order")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_address_span_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "address", name=op.f("pk_address_span")),
    )
    op.create_index(op.f("ix_address_span_address"), "address_span", ["address"], unique=False)
    op.execute("ALTER TABLE address_span ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON address_span TO owner USING (true) WITH CHECK (true)")
    op.execute(SHARED)
    for login, (rights, rows) in GRANTS.items():
        op.execute(f"GRANT {rights} ON address_span TO {login}")
        op.execute(f"CREATE POLICY {login} ON address_span TO {login} USING ({rows}) WITH CHECK ({rows})")
    op.execute("GRANT EXECUTE ON FUNCTION seat_named(text, text) TO web_session")
    op.execute(TOLD)
    op.execute(CHANGE.format(function=SESSION_START, old=WRITTEN, new=KEPT))
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")


def downgrade() -> None:
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    op.execute(CHANGE.format(function=SESSION_START, old=KEPT, new=WRITTEN))
    op.execute("DROP TRIGGER email_told ON employee")
    op.execute("DROP FUNCTION employee_email_told()")
    op.execute("REVOKE EXECUTE ON FUNCTION seat_named(text, text) FROM web_session")
    op.drop_table("address_span")
    op.execute("DROP FUNCTION shared_addresses(int), address_shared(text)")
