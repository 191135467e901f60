"""evidence room: papers, who looked, and a seat for an expert from a day to a day"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1510"
down_revision = "20261129_1500"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
READERS = ("works_council", "expert", "privacy_officer")
WHAT = ("room", "release", "file", "document")
PAPERS = ("minutes", "agenda", "impact_assessment", "incident")
# The council has no table with people: it writes a look and reads the list by functions alone.
LOOKS = f"""
CREATE FUNCTION room_look(p_what text, p_about uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    WITH looked AS (
        INSERT INTO room_look (reader_id, reader_name, role, what, about)
        SELECT e.id, e.name, CASE WHEN EXISTS (SELECT FROM expert x WHERE x.employee_id = e.id) THEN 'expert'
                                  WHEN session_user = 'web_officer' THEN 'privacy_officer' ELSE 'works_council' END, p_what, p_about
          FROM employee e WHERE e.id = actor_id()
        RETURNING reader_id, role
    ) INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
      SELECT reader_id, role, 'room.looked', p_about, reader_id, jsonb_build_object('what', p_what) FROM looked
$$;
CREATE FUNCTION room_looks(p_most bigint, p_past bigint)
RETURNS TABLE (at timestamptz, name text, role text, what text, about uuid) LANGUAGE sql STABLE {HEAD} AS $$
    SELECT l.at, l.reader_name, l.role, l.what, l.about FROM room_look l
     WHERE actor_id() IS NOT NULL ORDER BY l.id DESC LIMIT p_most OFFSET p_past
$$;
"""
# Who first signs in with the account of a seat is an expert for good: as gone as who has left, and never an employee.
# `possible` says no more than `colleague` tells everybody: that somebody here has this address.
SEATS = f"""
CREATE FUNCTION seat_named(p_subject text, p_email text) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT EXISTS (SELECT FROM expert_seat s WHERE s.account = p_subject OR lower(s.account) = lower(p_email))
$$;
CREATE FUNCTION seat_live(p_subject text, p_email text) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT EXISTS (SELECT FROM expert_seat s WHERE (s.account = p_subject OR lower(s.account) = lower(p_email))
                      AND s.ended_at IS NULL AND s.starts_at <= now() AND now() < s.ends_at)
$$;
CREATE FUNCTION seat_possible(p_account text) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT actor_id() IS NOT NULL AND NOT EXISTS (
        SELECT FROM employee e WHERE (e.subject = p_account OR lower(e.email) = lower(p_account))
           AND NOT EXISTS (SELECT FROM expert x WHERE x.employee_id = e.id))
$$;
"""
# function → what in it gives way to what
CHANGED = {
    "session_start(text, text, text, text, text[], bytea, text, timestamptz, timestamptz, text)": (
        ("(id, issuer, subject, name, email)\n", "(id, issuer, subject, name, email, left_at)\n"),
        (
            "p_subject, p_name, p_email)\n        ON",
            "p_subject, p_name, p_email, CASE WHEN seat_named(p_subject, p_email) THEN now() END)\n        ON",
        ),
        (
            "    DELETE FROM role_grant r\n",
            """    IF is_new AND person.left_at IS NOT NULL THEN
        INSERT INTO expert (employee_id) VALUES (person.id) ON CONFLICT DO NOTHING;
    END IF;
    IF EXISTS (SELECT FROM expert x WHERE x.employee_id = person.id) AND NOT seat_live(p_subject, p_email) THEN
        RETURN;
    END IF;
    DELETE FROM role_grant r
""",
        ),
    ),
    "session_find(bytea, interval)": (
        (
            "ARRAY(SELECT g.role",
            "CASE WHEN EXISTS (SELECT FROM expert x WHERE x.employee_id = e.id) THEN ARRAY['expert'] ELSE ARRAY(SELECT g.role",
        ),
        ("ORDER BY g.role),", "ORDER BY g.role) END,"),
        (
            "AND s.last_seen_at > now() - p_idle;",
            """AND s.last_seen_at > now() - p_idle
       AND NOT EXISTS (SELECT FROM expert x WHERE x.employee_id = e.id AND NOT seat_live(e.subject, e.email));""",
        ),
    ),
}
# Each side writes papers of its own, a paper stays what it is, and no version is left out.
SIDES = f"""
CREATE FUNCTION document_side() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    IF session_user = 'web_council' AND NEW.kind NOT IN ('minutes', 'agenda')
       OR session_user = 'web_officer' AND NEW.kind NOT IN ('impact_assessment', 'incident')
       OR NEW.version <> 1 + (SELECT count(*) FROM room_document d WHERE d.document_id = NEW.document_id AND d.version < NEW.version)
       OR EXISTS (SELECT FROM room_document d WHERE d.document_id = NEW.document_id AND d.kind <> NEW.kind) THEN
        RAISE EXCEPTION 'not this side''s paper, or not its next version' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER document_side BEFORE INSERT ON room_document FOR EACH ROW EXECUTE FUNCTION document_side();
"""
DOCUMENTS = {"web_council": "SELECT, INSERT", "web_officer": "SELECT, INSERT", "web_employee": "SELECT"}
TABLES = ("room_look", "expert", "expert_seat", "room_document")
LIMIT = "ends_at > starts_at AND ends_at <= starts_at + interval '91 days'"
GRANTS = {
    "web_council": "SELECT, INSERT, UPDATE (ended_at)",
    "web_employee": "SELECT (id, starts_at, ends_at, ended_at)",
    "worker": "SELECT (id, ends_at), DELETE",
}
KEPT = "personal: two years after the seat's end"
FUNCTIONS = {
    "seat_named(text, text)": "",
    "seat_live(text, text)": "",
    "seat_possible(text)": "web_council",
    "room_look(text, uuid)": "web_council, web_officer",
    "room_looks(bigint, bigint)": "web_council, web_officer",
}


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "room_look",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("reader_name", sa.Text(), nullable=False, comment="personal: whole-person erasure of reader_id"),
        sa.Column("role", _one_of("role", READERS), nullable=False),
        sa.Column("what", _one_of("what", WHAT), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_look")),
    )
    op.create_table(
        "expert",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_expert_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_expert")),
    )
    op.create_table(
        "expert_seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment=KEPT),
        sa.Column("account", sa.Text(), nullable=False, comment=KEPT),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(LIMIT, name=op.f("ck_expert_seat_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_seat")),
    )
    op.create_table(
        "room_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("kind", _one_of("kind", PAPERS), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("NOT told OR kind = 'minutes'", name=op.f("ck_room_document_told")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_document")),
        sa.UniqueConstraint("document_id", "version", name=op.f("uq_room_document_document_id_version")),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON expert_seat TO {login}")
        op.execute(f"CREATE POLICY {login} ON expert_seat TO {login} USING (true) WITH CHECK (true)")
    for login, privileges in DOCUMENTS.items():
        seen = "told" if login == "web_employee" else "true"
        op.execute(f"GRANT {privileges} ON room_document TO {login}")
        op.execute(f"CREATE POLICY {login} ON room_document TO {login} USING ({seen}) WITH CHECK ({seen})")
    op.execute(LOOKS + SEATS + SIDES)
    op.execute("REVOKE ALL ON FUNCTION document_side() FROM PUBLIC")
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")
    for function, changes in CHANGED.items():
        _rewrite(function, changes)


def _rewrite(function: str, changes: tuple[tuple[str, str], ...]) -> None:
    """Change a function in the places named, and nothing else of it; a place that is not there stops the migration."""
    connection = op.get_bind()
    (source,) = connection.execute(
        sa.text("SELECT pg_get_functiondef(CAST(:f AS regprocedure))"), {"f": function}
    ).one()
    for old, new in changes:
        if source.count(old) != 1:
            raise RuntimeError(f"{function} is not what it was: {old!r}")
        source = source.replace(old, new)
    connection.exec_driver_sql(source)


def downgrade() -> None:
    for function, changes in CHANGED.items():
        _rewrite(function, tuple((new, old) for old, new in changes))
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION document_side()")
