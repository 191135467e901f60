"""asking: deletions by oneself of several items or sensitivities; delegates who act on requests only"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_0110"
down_revision = "20261129_0100"
branch_labels = None
depends_on = None

OWN = "employee_id = (SELECT actor_id())"
SCOPE = f"{OWN} AND state <> 'draft' AND type = ANY ((SELECT delegated_types())::text[])"
OF_REQUEST = f"{OWN} AND request_id IN (SELECT id FROM request)"
"""The inner query is under the login's own policy on `request`: what is outside the scope is not there."""

# table → (privileges of web_delegate, rows)
DELEGATE = {
    "request": (
        "SELECT, INSERT, UPDATE (state, law, changed_at, received_at, due_at, closed_at)",
        SCOPE,
    ),
    "request_event": ("SELECT, INSERT", OF_REQUEST),
    "request_decision": ("SELECT", OF_REQUEST),
    "request_step": ("SELECT", OF_REQUEST),
    "receipt": ("SELECT", OF_REQUEST),
    "notification": ("INSERT", OWN),
    "audit_entry": ("INSERT (actor_id, actor_role, action, object_id, employee_id, detail)", OWN),
    "policy": ("SELECT", "true"),
    "trust_document": ("SELECT", "true"),
    "installation": ("SELECT", "true"),
}

# Both settings carry a MAC, so that an injected set_config can neither name another delegation nor another person. A token
# made here begins its expiry with a 0, and is not good for acting on behalf of yet somebody else.
FUNCTIONS = """
CREATE FUNCTION actor_mac(p_message text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(p_message, 'UTF8'))), 'hex') FROM private.actor_key k
$$;
CREATE FUNCTION delegation_live(p_delegation uuid) RETURNS delegation
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d FROM delegation d JOIN employee e ON e.id = d.delegate_id
     WHERE d.id = p_delegation AND d.ended_at IS NULL AND d.expires_at > clock_timestamp() AND e.left_at IS NULL
$$;
CREATE FUNCTION delegated_types() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part text[] := string_to_array(current_setting('portal.delegation', true), '|');
    live delegation;
BEGIN
    IF part IS NULL OR array_length(part, 1) IS DISTINCT FROM 2
       OR actor_mac('delegation|' || part[1]) IS DISTINCT FROM part[2] THEN
        RETURN '{}';
    END IF;
    SELECT * INTO live FROM delegation_live(part[1]::uuid);
    IF live.id IS NULL OR live.employee_id IS DISTINCT FROM actor_id() THEN
        RETURN '{}';
    END IF;
    RETURN live.types;
END $$;
CREATE FUNCTION act_for(p_delegation uuid)
RETURNS TABLE (employee_id uuid, name text, timezone text, country text, types text[], expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    live delegation;
    until text := split_part(current_setting('portal.actor', true), '|', 3);
    message text;
BEGIN
    SELECT * INTO live FROM delegation_live(p_delegation);
    IF live.id IS NULL OR live.delegate_id IS DISTINCT FROM actor_id() OR until LIKE '0%' THEN
        RAISE EXCEPTION 'no live delegation' USING ERRCODE = 'insufficient_privilege';
    END IF;
    message := concat_ws('|', session_user, live.employee_id, '0' || until);
    PERFORM set_config('portal.actor', message || '|' || actor_mac(message), true);
    PERFORM set_config('portal.by', live.delegate_id::text, true);
    PERFORM set_config('portal.delegation', live.id || '|' || actor_mac('delegation|' || live.id), true);
    RETURN QUERY SELECT e.id, e.name, e.timezone, e.country, live.types, live.expires_at
                   FROM employee e WHERE e.id = live.employee_id;
END $$;
CREATE FUNCTION delegations_to_me()
RETURNS TABLE (id uuid, name text, types text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.id, e.name, d.types, d.expires_at FROM delegation d JOIN employee e ON e.id = d.employee_id
     WHERE d.delegate_id = actor_id() AND (delegation_live(d.id)).id IS NOT NULL ORDER BY e.name, d.id
$$;
CREATE FUNCTION colleague(p_email text) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.id, e.name FROM employee e
     WHERE lower(e.email) = lower(p_email) AND e.left_at IS NULL AND actor_id() IS NOT NULL
$$;
"""
CALLERS = {
    "actor_mac(text)": (),
    "delegation_live(uuid)": (),
    "delegated_types()": ("web_delegate",),
    "act_for(uuid)": ("web_delegate",),
    "delegations_to_me()": ("web_employee",),
    "colleague(text)": ("web_employee",),
}


def upgrade() -> None:
    op.add_column("erasure", sa.Column("sensitivities", postgresql.ARRAY(sa.SmallInteger()), nullable=True))
    op.add_column("erasure", sa.Column("segments", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_name", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(types) > 0", name=op.f("ck_delegation_types")),
        sa.CheckConstraint("delegate_id <> employee_id", name=op.f("ck_delegation_other")),
        sa.CheckConstraint(
            "expires_at > created_at AND expires_at <= created_at + interval '367 days'",
            name=op.f("ck_delegation_expires"),
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_delegation_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_employee_id"), "delegation", ["employee_id"], unique=False)
    op.create_index(op.f("ix_delegation_delegate_id"), "delegation", ["delegate_id"], unique=False)
    op.execute("ALTER TABLE delegation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON delegation TO owner USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE (ended_at) ON delegation TO web_employee")
    op.execute(f"CREATE POLICY web_employee ON delegation TO web_employee USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, DELETE ON delegation TO worker")
    op.execute("CREATE POLICY worker ON delegation TO worker USING (true) WITH CHECK (true)")
    op.execute(FUNCTIONS)
    for function, logins in CALLERS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        for login in logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
    op.execute("GRANT USAGE ON SCHEMA public TO web_delegate")
    op.execute("GRANT EXECUTE ON FUNCTION actor_id() TO web_delegate")
    for table, (privileges, seen) in DELEGATE.items():
        op.execute(f"GRANT {privileges} ON {table} TO web_delegate")
        op.execute(f"CREATE POLICY web_delegate ON {table} TO web_delegate USING ({seen}) WITH CHECK ({seen})")


def downgrade() -> None:
    for table in DELEGATE:
        op.execute(f"DROP POLICY web_delegate ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM web_delegate")
    op.execute("REVOKE EXECUTE ON FUNCTION actor_id() FROM web_delegate")
    op.execute("REVOKE USAGE ON SCHEMA public FROM web_delegate")
    for function in ("act_for(uuid)", "delegated_types()", "delegations_to_me()", "colleague(text)"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION delegation_live(uuid)")
    op.execute("DROP FUNCTION actor_mac(text)")
    op.drop_table("delegation")
    op.drop_column("erasure", "segments")
    op.drop_column("erasure", "sensitivities")
