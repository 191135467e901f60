"""incidents: what somebody says is wrong; the officer answers and the council reads by functions alone"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1640"
down_revision = "20261129_1635"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
COLUMNS = "id, employee_id, what, grave, text, on_day, segment_id, started_at, named, council, raised_at"
OWN = "employee_id = (SELECT actor_id())"
GRANTS = {
    "web_employee": (f"SELECT, INSERT ({COLUMNS}), UPDATE (withdrawn_at)", OWN),
    "worker": ("SELECT (id, raised_at, answered_at, withdrawn_at)", "true"),
    "vault_definer": ("SELECT", "true"),
}
# Neither desk has the table. The officer learns a name only where its person gave it, and of an item what it is, not
# which; the council neither, and of the time only the month.
DESKS = f"""
CREATE FUNCTION incidents_raised(p_most bigint, p_past bigint)
RETURNS TABLE (id uuid, number bigint, what text, grave text, text text, on_day date, who text, council bool, kind text, context text,
               local_day date, raised_at timestamptz, answer text, answered_at timestamptz, withdrawn_at timestamptz)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT i.id, i.number, i.what, i.grave, i.text, i.on_day, CASE WHEN i.named THEN e.name END, i.council, s.kind, s.context,
           s.local_day, i.raised_at, i.answer, i.answered_at, i.withdrawn_at
      FROM incident i JOIN employee e ON e.id = i.employee_id
      LEFT JOIN segment s ON s.employee_id = i.employee_id AND s.started_at = i.started_at AND s.id = i.segment_id AND s.erasure_id IS NULL
     WHERE (SELECT actor_id()) IS NOT NULL
     ORDER BY i.answered_at IS NOT NULL OR i.withdrawn_at IS NOT NULL, i.raised_at DESC LIMIT p_most OFFSET p_past
$$;
CREATE FUNCTION incidents_told() RETURNS TABLE (what text, grave text, text text, month date, answer text)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT i.what, i.grave, i.text, date_trunc('month', i.raised_at AT TIME ZONE 'UTC')::date, i.answer
      FROM incident i WHERE i.council AND i.withdrawn_at IS NULL AND (SELECT actor_id()) IS NOT NULL
     ORDER BY 4 DESC, md5(i.id::text) LIMIT 200
$$;
CREATE FUNCTION incident_answer(p_id uuid, p_words text) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    me uuid := actor_id();
    raiser uuid;
BEGIN
    UPDATE incident SET answer = p_words, answered_at = now()
     WHERE id = p_id AND answered_at IS NULL AND withdrawn_at IS NULL AND employee_id <> me RETURNING employee_id INTO raiser;
    IF raiser IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO notification (id, employee_id, kind, reference, params)
    VALUES (gen_random_uuid(), raiser, 'incident_answered', 'incident:' || p_id, '{{}}') ON CONFLICT DO NOTHING;
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
    VALUES (me, 'privacy_officer', 'incident.answered', p_id, raiser, '{{}}');
    RETURN true;
END $$;
"""
FUNCTIONS = {
    "incidents_raised(bigint, bigint)": "web_officer",
    "incidents_told()": "web_council",
    "incident_answer(uuid, text)": "web_officer",
}
ROWS = (
    "SELECT number, what, grave, text, on_day, segment_id, started_at, named, council, raised_at, answer, answered_at, withdrawn_at "
    "FROM incident WHERE employee_id = who ORDER BY raised_at, id"
)
CASES = f"    WHEN 'incidents' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({ROWS}) r;"
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
NAMES = (
    *("mismatches", "stops", "policy", "log", "witness", "checks"),
    *("requests", "stores", "petitions", "drafts", "releases", "tallies"),
)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _watched(names: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    op.execute("ALTER TABLE watch DROP CONSTRAINT ck_watch_name")
    op.execute(f"ALTER TABLE watch ADD CONSTRAINT ck_watch_name CHECK (name IN ({listed}))")


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
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=erased),
        sa.Column("what", _one_of("what", ("captured", "not_stopped", "looked", "exposed", "other")), nullable=False),
        sa.Column("grave", _one_of("grave", ("now", "wrong", "odd")), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment=erased),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("segment_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("council", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True, comment=erased),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(text) BETWEEN 1 AND 4000", name=op.f("ck_incident_size")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_incident_answer")),
        sa.CheckConstraint("(segment_id IS NULL) = (started_at IS NULL)", name=op.f("ck_incident_item")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_incident_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    op.create_index(op.f("ix_incident_employee_id_raised_at"), "incident", ["employee_id", "raised_at"], unique=False)
    op.create_index(
        "ix_incident_open",
        "incident",
        ["raised_at"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.execute("ALTER TABLE incident ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON incident TO owner USING (true) WITH CHECK (true)")
    for login, (privileges, seen) in GRANTS.items():
        op.execute(f"GRANT {privileges} ON incident TO {login}")
        op.execute(f"CREATE POLICY {login} ON incident TO {login} USING ({seen}) WITH CHECK ({seen})")
    op.execute(DESKS)
    for function, login in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")
    _watched((*NAMES, "incidents"))


def downgrade() -> None:
    op.execute("DELETE FROM watch WHERE name = 'incidents'")
    _watched(NAMES)
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("incident")
