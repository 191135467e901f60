"""deciding: signatures, decisions and clauses, publishing by the last signature, telling everybody in the same transaction"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_1310"
down_revision = "20261129_1300"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
ACTS = "(SELECT actor_id()) IS NOT NULL"
OWN = "employee_id = (SELECT actor_id())"
APPEND = "INSERT (actor_id, actor_role, action, object_id, employee_id, detail)"
PUBLISHED = "id, version, hash, envelope, not_before, expires_at"
# table → login → privileges; every row is the organisation's
GRANTS = {
    "policy_signature": {
        "web_officer": "SELECT, INSERT",
        "web_council": "SELECT, INSERT",
    },
    "policy_decision": {
        "web_employee": "SELECT",
        "web_officer": "SELECT, INSERT",
        "web_council": "SELECT, INSERT",
    },
    "agreement_clause": {
        "web_employee": "SELECT",
        "web_officer": "SELECT",
        "web_council": "SELECT, INSERT, UPDATE (ended_at)",
    },
}
DECIDERS = ("web_officer", "web_council")
MATCHES = (
    "e.left_at IS NULL AND (p_sites IS NULL OR e.site = ANY (p_sites)) "
    "AND (p_departments IS NULL OR e.department = ANY (p_departments)) "
    "AND (p_countries IS NULL OR e.country = ANY (p_countries))"
)
# Neither of the two logins sees people. What was published in this very transaction is told to everybody it is for.
TELL = f"""
CREATE FUNCTION policy_tell(p_policy uuid, p_wider bool, p_sites text[], p_departments text[], p_countries text[])
RETURNS bigint LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    told policy;
    people bigint;
BEGIN
    SELECT * INTO told FROM policy WHERE id = p_policy AND published_at = transaction_timestamp();
    IF NOT FOUND OR actor_id() IS NULL THEN
        RAISE EXCEPTION 'only what is published now is told' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO notification (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), e.id, 'policy_published', 'policy:' || told.version,
           jsonb_build_object('version', told.version, 'wider', p_wider, 'begins', to_jsonb(told.not_before))
      FROM employee e WHERE {MATCHES}
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS people = ROW_COUNT;
    INSERT INTO outbox (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), e.id, 'policy_published', 'policy:' || told.version,
           jsonb_build_object('version', told.version)
      FROM employee e WHERE {MATCHES}
        ON CONFLICT DO NOTHING;
    RETURN people;
END $$;
"""
# Conditions become a new draft of the officer, once for each draft that was decided so.
FOLLOW = f"""
CREATE FUNCTION policy_draft_follow(p_draft uuid, p_new uuid, p_content text) RETURNS uuid LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    INSERT INTO policy_draft (id, title, content, replaces_version, replaces_hash, parent_id)
    SELECT p_new, d.title, p_content, d.replaces_version, d.replaces_hash, d.id
      FROM policy_draft d
     WHERE d.id = p_draft AND d.state = 'rejected' AND actor_id() IS NOT NULL
       AND EXISTS (SELECT FROM policy_decision c WHERE c.draft_id = d.id AND c.outcome = 'conditions')
       AND NOT EXISTS (SELECT FROM policy_draft n WHERE n.parent_id = d.id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no draft that was decided with conditions' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN p_new;
END $$;
"""
# Neither side writes for the other one.
SIDE = """
CREATE FUNCTION decider_side() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.signer NOT IN ('officer', 'council') OR (session_user = 'web_officer' AND NEW.signer <> 'officer')
       OR (session_user = 'web_council' AND NEW.signer <> 'council') THEN
        RAISE EXCEPTION 'each side decides for itself' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decider_side BEFORE INSERT ON policy_signature FOR EACH ROW EXECUTE FUNCTION decider_side();
CREATE TRIGGER decider_side BEFORE INSERT ON policy_decision FOR EACH ROW EXECUTE FUNCTION decider_side();
"""
FUNCTIONS = {
    "policy_tell(uuid, bool, text[], text[], text[])": DECIDERS,
    "policy_draft_follow(uuid, uuid, text)": ("web_council",),
}


def _signer() -> sa.Column:
    names = ("officer", "council", "lease", "vault")
    kind = sa.Enum(*names, name="signer", native_enum=False, create_constraint=True, length=32)
    return sa.Column("signer", kind, nullable=False)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "policy_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        _signer(),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        _at("signed_at"),
        sa.ForeignKeyConstraint(["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_signature_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_signature")),
        sa.UniqueConstraint("draft_id", "key_id", name=op.f("uq_policy_signature_draft_id_key_id")),
    )
    outcomes = sa.Enum(
        "approved", "rejected", "conditions", name="outcome", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "policy_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        _signer(),
        sa.Column("outcome", outcomes, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", sa.Text(), server_default="", nullable=False),
        _at("decided_at"),
        sa.CheckConstraint("outcome = 'approved' OR reasons <> ''", name=op.f("ck_policy_decision_reasons")),
        sa.ForeignKeyConstraint(["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_decision_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_decision")),
    )
    op.create_index(op.f("ix_policy_decision_draft_id"), "policy_decision", ["draft_id"], unique=False)
    op.create_table(
        "agreement_clause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_de", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        _at("added_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_clause")),
    )
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in logins.items():
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({ACTS}) WITH CHECK ({ACTS})")
    for login in DECIDERS:
        op.execute(f"GRANT INSERT ({PUBLISHED}) ON policy TO {login}")
    op.execute("GRANT UPDATE (state, changed_at, closed_at) ON policy_draft TO web_council")
    op.execute(f"GRANT {APPEND} ON audit_entry TO web_council")
    op.execute(f"CREATE POLICY web_council ON audit_entry TO web_council USING ({OWN}) WITH CHECK ({OWN})")
    op.add_column("trust_document", sa.Column("succession", sa.Text(), nullable=True))
    op.execute(TELL)
    op.execute(FOLLOW)
    op.execute(SIDE)
    op.execute("REVOKE ALL ON FUNCTION decider_side() FROM PUBLIC")
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(logins)}")


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("trust_document", "succession")
    op.execute("DROP POLICY web_council ON audit_entry")
    op.execute(f"REVOKE {APPEND} ON audit_entry FROM web_council")
    op.execute("REVOKE UPDATE (state, changed_at, closed_at) ON policy_draft FROM web_council")
    for login in DECIDERS:
        op.execute(f"REVOKE INSERT ({PUBLISHED}) ON policy FROM {login}")
    op.drop_table("agreement_clause")
    op.drop_table("policy_decision")
    op.drop_table("policy_signature")
    op.execute("DROP FUNCTION decider_side()")
