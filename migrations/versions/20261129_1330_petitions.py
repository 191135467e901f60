"""petitions: texts, names, and what the ballot keeps of those without"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1330"
down_revision = "20261129_1320"
branch_labels = None
depends_on = None

OWN = "employee_id = (SELECT actor_id())"
EVERY = "true"
TEXT = "id, title, demand, reasons, answerer, created_at, ends_on"
# The officer and the works council see texts and numbers. HR has nothing here. `ballot` sees what is open, and its own tables.
GRANTS = {
    "petition": {
        "web_employee": f"SELECT, INSERT ({TEXT})",
        "web_council": "SELECT, UPDATE (state, reason, reason_words, discussed_on, minutes, result, ended_on)",
        "web_officer": "SELECT, UPDATE (state, answered_on, answered_by, answer)",
        "ballot": "SELECT (id, state, ends_on)",
        "worker": "SELECT, UPDATE (state, ends_on, opened_on, employees, unnamed, counted_on, council_on, council_due, "
        "employer_on, answer_due, reason, ended_on)",
    },
    "petition_event": {
        "web_employee": "SELECT",
        "web_council": "SELECT, INSERT (petition_id, kind, on_day)",
        "web_officer": "SELECT, INSERT (petition_id, kind, on_day)",
        "worker": "SELECT, INSERT (petition_id, kind, on_day), UPDATE (told_at)",
    },
    "petition_draft": {"web_employee": "SELECT, INSERT, UPDATE (title, demand, reasons, answerer, changed_at), DELETE"},
    "petition_author": {"web_employee": "SELECT, INSERT", "worker": "SELECT (petition_id), DELETE"},
    "petition_signature": {"web_employee": "SELECT, INSERT, DELETE", "worker": "SELECT (petition_id), DELETE"},
    "ballot_key": {
        "web_employee": "SELECT (petition_id, public_key)",
        "ballot": "SELECT, INSERT, UPDATE (sealed_private)",
    },
    "ballot_issue": {"ballot": "SELECT, INSERT, UPDATE (blinded_hash), DELETE"},
    "ballot_vote": {"ballot": "SELECT, INSERT, DELETE", "worker": "SELECT (petition_id, on_day)"},
    "ballot_code": {"web_employee": "SELECT", "worker": "SELECT, INSERT"},
}
PERSONAL = {"petition_draft", "petition_author", "petition_signature"}
# Names and numbers of a petition. Everybody who is signed in sees who signed with their name, one petition at a time.
FUNCTIONS = """
CREATE FUNCTION petition_people(p_petition uuid, p_after int) RETURNS TABLE (name text, author bool, mine bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.name, p.author, p.employee_id = (SELECT actor_id())
      FROM (SELECT employee_id, true AS author FROM petition_author WHERE petition_id = p_petition
            UNION ALL
            SELECT employee_id, false FROM petition_signature WHERE petition_id = p_petition) p
      JOIN employee e ON e.id = p.employee_id
     WHERE (SELECT actor_id()) IS NOT NULL
     ORDER BY p.author DESC, e.name, e.id OFFSET p_after LIMIT 101;
$$;
CREATE FUNCTION petition_withdraw(p_petition uuid, p_on date) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE petition SET state = 'withdrawn', ended_on = p_on
     WHERE id = p_petition AND ended_on IS NULL
       AND EXISTS (SELECT FROM petition_author a WHERE a.petition_id = p_petition AND a.employee_id = (SELECT actor_id()));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO petition_event (petition_id, kind, on_day) VALUES (p_petition, 'withdrawn', p_on);
    RETURN true;
END $$;
CREATE FUNCTION petition_counts_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN  -- what was counted at the end stays when the names go
        UPDATE petition SET named = named - 1 WHERE id = OLD.petition_id AND ended_on IS NULL;
        RETURN NULL;
    END IF;
    UPDATE petition SET named = named + 1 WHERE id = NEW.petition_id AND ended_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this petition has ended' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER counts_names AFTER INSERT OR DELETE ON petition_signature
    FOR EACH ROW EXECUTE FUNCTION petition_counts_names();
"""
CALLED = ("petition_people(uuid, int)", "petition_withdraw(uuid, date)")


def _protect() -> None:
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in logins.items():
            seen = OWN if login == "web_employee" and table in PERSONAL else EVERY
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    op.execute(FUNCTIONS)
    for function in (*CALLED, "petition_counts_names()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO web_employee")
    op.execute("GRANT USAGE ON SCHEMA public TO ballot")
    op.execute("GRANT EXECUTE ON FUNCTION log_size() TO ballot")


def upgrade() -> None:
    op.create_table(
        "petition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column(
            "answerer",
            sa.Enum("employer", "works_council", name="answerer", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "support",
                "open",
                "threshold",
                "awaiting",
                "answered",
                "closed",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="support",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("employees", sa.BigInteger(), nullable=True),
        sa.Column("named", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unnamed", sa.BigInteger(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("council_on", sa.Date(), nullable=True),
        sa.Column("council_due", sa.Date(), nullable=True),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("employer_on", sa.Date(), nullable=True),
        sa.Column("answer_due", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "duplicate",
                "not_ours",
                "personal",
                "insult",
                "unlawful",
                "no_support",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason_words", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (state NOT IN ('closed', 'rejected', 'withdrawn'))", name=op.f("ck_petition_ended")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
    )
    op.create_table(
        "petition_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opened",
                "threshold",
                "employer",
                "discussed",
                "answered",
                "rejected",
                "withdrawn",
                "closed",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petition_event_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_event")),
    )
    op.create_index(op.f("ix_petition_event_petition_id_id"), "petition_event", ["petition_id", "id"], unique=False)
    op.create_index(
        "ix_petition_event_untold", "petition_event", ["id"], unique=False, postgresql_where=sa.text("told_at IS NULL")
    )
    op.create_table(
        "petition_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("title", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("demand", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("reasons", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column(
            "answerer",
            sa.Enum("employer", "works_council", name="answerer", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_petition_draft_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_draft")),
    )
    op.create_index(op.f("ix_petition_draft_employee_id"), "petition_draft", ["employee_id"], unique=False)
    op.create_table(
        "petition_author",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: six months after the petition's end"),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_petition_author_employee_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petition_author_petition_id")),
        sa.UniqueConstraint("petition_id", name=op.f("uq_petition_author_petition_id")),
        sa.PrimaryKeyConstraint("employee_id", "petition_id", name=op.f("pk_petition_author")),
    )
    op.create_table(
        "petition_signature",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: six months after the petition's end"),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_petition_signature_employee_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petition_signature_petition_id")),
        sa.PrimaryKeyConstraint("employee_id", "petition_id", name=op.f("pk_petition_signature")),
    )
    op.create_index(op.f("ix_petition_signature_petition_id"), "petition_signature", ["petition_id"], unique=False)
    op.create_table(
        "ballot_key",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_ballot_key_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_ballot_key")),
    )
    op.create_table(
        "ballot_issue",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("eligible", sa.LargeBinary(), nullable=False),
        sa.Column("blinded_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_ballot_issue_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "eligible", name=op.f("pk_ballot_issue")),
    )
    op.create_table(
        "ballot_vote",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("nullifier", sa.LargeBinary(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_ballot_vote_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "nullifier", name=op.f("pk_ballot_vote")),
    )
    op.create_table(
        "ballot_code",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_ballot_code")),
    )
    _protect()


def downgrade() -> None:
    op.execute("REVOKE EXECUTE ON FUNCTION log_size() FROM ballot")
    op.execute("REVOKE USAGE ON SCHEMA public FROM ballot")
    for function in CALLED:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TRIGGER counts_names ON petition_signature")
    op.execute("DROP FUNCTION petition_counts_names()")
    for table in (
        "ballot_vote",
        "ballot_issue",
        "ballot_key",
        "ballot_code",
        "petition_signature",
        "petition_author",
        "petition_event",
        "petition_draft",
        "petition",
    ):
        op.drop_table(table)
