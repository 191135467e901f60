"""exemptions: a person's grade, and by grade how many people no policy lets anybody capture"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1620"
down_revision = "20261129_1615"
branch_labels = None
depends_on = None

READERS = ("web_employee", "web_council", "web_officer", "web_hr")
# Beside session_start, so that a portal of the version before goes on signing people in.
SESSION_GRADE = """
CREATE FUNCTION session_grade(p_token bytea, p_grade text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE employee e SET grade = p_grade FROM login_session s
     WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.employee_id = e.id AND e.grade IS DISTINCT FROM p_grade;
$$;
REVOKE ALL ON FUNCTION session_grade(bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_grade(bytea, text) TO web_session;
"""
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
PERSON = (
    "department, country, timezone, locale, exclusions, created_at",
    "department, country, grade, timezone, locale, exclusions, created_at",
)


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    op.add_column("employee", sa.Column("grade", sa.Text(), nullable=True, comment="personal: whole-person erasure"))
    op.execute("GRANT SELECT (grade) ON employee TO worker, vault_definer")
    op.execute(SESSION_GRADE)
    _export(*PERSON)
    op.create_table(
        "exemption",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.Column("exempt", sa.BigInteger(), nullable=True),
        sa.Column("k", sa.SmallInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("people >= k AND exempt BETWEEN k AND people", name=op.f("ck_exemption_hidden")),
        sa.PrimaryKeyConstraint("month", "grade", name=op.f("pk_exemption")),
        schema="pub",
    )
    op.execute("ALTER TABLE pub.exemption ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON pub.exemption TO owner USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT, INSERT ON pub.exemption TO worker")
    for login in (*READERS, "worker"):
        op.execute(f"GRANT SELECT ON pub.exemption TO {login}")
        op.execute(f"CREATE POLICY {login} ON pub.exemption TO {login} USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.drop_table("exemption", schema="pub")
    _export(*reversed(PERSON))
    op.execute("DROP FUNCTION session_grade(bytea, text)")
    op.execute("REVOKE SELECT (grade) ON employee FROM worker, vault_definer")
    op.drop_column("employee", "grade")
