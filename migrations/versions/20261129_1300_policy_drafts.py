"""drafts of policies: the officer writes, the council reads what was submitted, nobody is named"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1300"
down_revision = "20261129_0340"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
ACTS = "(SELECT actor_id()) IS NOT NULL"
WRITTEN = "id, title, content, replaces_version, replaces_hash, parent_id"
CHANGED = "title, content, replaces_version, replaces_hash, state, revision, changed_at, submitted_at, closed_at"
# login → privileges, and the rows that it sees
DRAFTS = {
    "web_officer": (f"SELECT, INSERT ({WRITTEN}), UPDATE ({CHANGED})", ACTS),
    "web_council": ("SELECT", f"state <> 'draft' AND submitted_at IS NOT NULL AND {ACTS}"),
}
# What was submitted is what people decide about: not even the officer's login changes it afterwards.
FROZEN = """
CREATE FUNCTION policy_draft_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.content, NEW.title, NEW.replaces_version, NEW.replaces_hash, NEW.submitted_at)
       IS DISTINCT FROM (OLD.content, OLD.title, OLD.replaces_version, OLD.replaces_hash, OLD.submitted_at) THEN
        RAISE EXCEPTION 'a submitted draft does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ('withdrawn', 'published', 'rejected') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'this draft is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_draft_frozen BEFORE UPDATE ON policy_draft FOR EACH ROW EXECUTE FUNCTION policy_draft_frozen();
"""
MATCHES = (
    "left_at IS NULL AND (p_sites IS NULL OR site = ANY (p_sites)) "
    "AND (p_departments IS NULL OR department = ANY (p_departments)) AND (p_countries IS NULL OR country = ANY (p_countries))"
)
# Neither login reads `employee`. A number is all that they get of it, and names of places where at least ten people work.
COUNTS = f"""
CREATE FUNCTION audience_size(p_sites text[], p_departments text[], p_countries text[]) RETURNS bigint
LANGUAGE sql STABLE {HEAD} AS $$ SELECT count(*) FROM employee WHERE {MATCHES} $$;
CREATE FUNCTION audience_size_coarse(p_sites text[], p_departments text[], p_countries text[]) RETURNS bigint
LANGUAGE sql STABLE {HEAD} AS $$ SELECT CASE WHEN count(*) >= 10 THEN count(*) END FROM employee WHERE {MATCHES} $$;
CREATE FUNCTION audience_places() RETURNS TABLE (axis text, place text)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT a.axis, a.place FROM employee e
     CROSS JOIN LATERAL (VALUES ('sites', e.site), ('departments', e.department), ('countries', e.country)) a (axis, place)
     WHERE e.left_at IS NULL AND a.place IS NOT NULL GROUP BY a.axis, a.place HAVING count(*) >= 10 ORDER BY 1, 2
$$;
"""
FUNCTIONS = {
    "audience_size(text[], text[], text[])": "web_officer",
    "audience_size_coarse(text[], text[], text[])": "web_council",
    "audience_places()": "web_officer",
    "policy_draft_frozen()": None,
}
OWN = "employee_id = (SELECT actor_id())"
APPEND = "INSERT (actor_id, actor_role, action, object_id, employee_id, detail)"


def upgrade() -> None:
    op.create_table(
        "policy_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "withdrawn",
                "published",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("replaces_version", sa.BigInteger(), nullable=True),
        sa.Column("replaces_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(replaces_version IS NULL) = (replaces_hash = '')", name=op.f("ck_policy_draft_replaces")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('draft', 'submitted'))", name=op.f("ck_policy_draft_closed")
        ),
        sa.CheckConstraint(
            "(state IN ('submitted', 'published', 'rejected')) <= (submitted_at IS NOT NULL)",
            name=op.f("ck_policy_draft_submitted"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["policy_draft.id"], name=op.f("fk_policy_draft_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_draft_number")),
    )
    op.execute("ALTER TABLE policy_draft ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON policy_draft TO owner USING (true) WITH CHECK (true)")
    for login, (privileges, seen) in DRAFTS.items():
        op.execute(f"GRANT {privileges} ON policy_draft TO {login}")
        op.execute(f"CREATE POLICY {login} ON policy_draft TO {login} USING ({seen}) WITH CHECK ({seen})")
    op.execute(FROZEN)
    op.execute(COUNTS)
    for function, login in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if login:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
    # The officer's acts are logged as everybody's: appended, never read here.
    op.execute(f"GRANT {APPEND} ON audit_entry TO web_officer")
    op.execute(f"CREATE POLICY web_officer ON audit_entry TO web_officer USING ({OWN}) WITH CHECK ({OWN})")


def downgrade() -> None:
    op.execute("DROP POLICY web_officer ON audit_entry")
    op.execute(f"REVOKE {APPEND} ON audit_entry FROM web_officer")
    op.execute("DROP TRIGGER policy_draft_frozen ON policy_draft")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("policy_draft")
