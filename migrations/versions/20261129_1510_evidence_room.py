"""evidence room: who looked"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1510"
down_revision = "20261129_1400"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
READERS = ("works_council",)
WHAT = ("room", "release", "file")
# The council has no table with people: it writes a look and reads the list by functions alone.
LOOKS = f"""
CREATE FUNCTION room_look(p_what text, p_about uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    WITH looked AS (
        INSERT INTO room_look (reader_id, reader_name, role, what, about)
        SELECT e.id, e.name, 'works_council', p_what, p_about FROM employee e WHERE e.id = actor_id()
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
FUNCTIONS = {
    "room_look(text, uuid)": "web_council",
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
    op.execute("ALTER TABLE room_look ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON room_look TO owner USING (true) WITH CHECK (true)")
    op.execute(LOOKS)
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")


def downgrade() -> None:
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("room_look")
