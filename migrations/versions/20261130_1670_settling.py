"""settling: a mismatch of the daily check stays red until the privacy officer answered it; who is affected may dispute"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1670"
down_revision = "20261130_1661"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
ME = "(SELECT actor_id())"
MINE = "EXISTS (SELECT FROM mismatch_part p WHERE p.mismatch_id = {}.{} AND p.employee_id = " + ME + ")"
OWN = f"employee_id = {ME}"
KEPT = "personal: deleted after 400 days"
# table → login → privileges, rows. The worker opens, counts and forgets; it answers nothing: it writes neither state nor words.
GRANTS = {
    "mismatch": {
        "worker": (
            "SELECT, INSERT (id, day, what, kind, device_class, items, found_on), UPDATE (items), DELETE",
            "true",
        ),
        "web_officer": ("SELECT", "true"),
        "web_employee": (
            "SELECT (id, number, day, what, state, found_on, answered_on, disputed_on)",
            MINE.format("mismatch", "id"),
        ),
        "vault_definer": ("SELECT", "true"),
    },
    "mismatch_part": {
        "worker": ("SELECT, INSERT (mismatch_id, finding_id, employee_id, items), UPDATE (items), DELETE", "true"),
        "web_employee": ("SELECT", OWN),
        "vault_definer": ("SELECT", "true"),
    },
    "mismatch_step": {
        "worker": ("SELECT (mismatch_id), INSERT (mismatch_id, number, step, on_day), DELETE", "true"),
        "web_officer": ("SELECT", "true"),
        "web_employee": ("SELECT", MINE.format("mismatch_step", "mismatch_id")),
        "vault_definer": ("SELECT", "true"),
    },
    "mismatch_share": {"worker": ("SELECT, INSERT, UPDATE, DELETE", "true"), "web_council": ("SELECT", "true")},
}
# The officer answers what it saw (`p_items`) and never learns whose it is; who disputes is named to nobody.
FUNCTIONS = f"""
CREATE FUNCTION mismatch_answer(p_id uuid, p_items bigint, p_cause text, p_words text) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    me uuid := actor_id();
    today date := (now() AT TIME ZONE 'UTC')::date;
    nth smallint;
    concerned date;
BEGIN
    UPDATE mismatch SET state = 'answered', answered_on = today
     WHERE id = p_id AND state <> 'answered' AND items = p_items AND me IS NOT NULL RETURNING mismatch.day INTO concerned;
    IF concerned IS NULL THEN
        RETURN false;
    END IF;
    SELECT max(number) + 1 INTO nth FROM mismatch_step WHERE mismatch_id = p_id;
    INSERT INTO mismatch_step (mismatch_id, number, step, cause, words, on_day) VALUES (p_id, nth, 'answered', p_cause, p_words, today);
    INSERT INTO notification (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), employee_id, 'check_answered', 'mismatch:' || p_id || ':' || nth, jsonb_build_object('day', concerned)
      FROM mismatch_part WHERE mismatch_id = p_id GROUP BY employee_id ON CONFLICT DO NOTHING;
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, detail)
    VALUES (me, 'privacy_officer', 'mismatch.answered', p_id, jsonb_build_object('cause', p_cause, 'step', nth));
    RETURN true;
END $$;
CREATE FUNCTION mismatch_dispute(p_id uuid) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    me uuid := actor_id();
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    UPDATE mismatch SET state = 'disputed', disputed_on = today
     WHERE id = p_id AND state = 'answered' AND disputed_on IS NULL
       AND EXISTS (SELECT FROM mismatch_part p WHERE p.mismatch_id = p_id AND p.employee_id = me)
       AND NOT EXISTS (SELECT FROM role_grant g WHERE g.employee_id = me AND g.role = 'privacy_officer');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE mismatch_part SET disputed_at = now() WHERE mismatch_id = p_id AND employee_id = me;
    INSERT INTO mismatch_step (mismatch_id, number, step, on_day)
    SELECT p_id, max(number) + 1, 'disputed', today FROM mismatch_step WHERE mismatch_id = p_id;
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
    VALUES (me, 'employee', 'mismatch.disputed', p_id, me, '{{}}');
    RETURN true;
END $$;
"""
LOGIN_OF = {
    "mismatch_answer(uuid, bigint, text, text)": "web_officer",
    "mismatch_dispute(uuid)": "web_employee",
}
ROWS = (
    "SELECT p.finding_id, p.items, p.disputed_at, m.number, m.state, m.found_on, "
    "(SELECT coalesce(jsonb_agg(jsonb_build_object('cause', s.cause, 'words', s.words, 'on_day', s.on_day) ORDER BY s.number), '[]'::jsonb) "
    "FROM mismatch_step s WHERE s.mismatch_id = p.mismatch_id AND s.step = 'answered') AS answers "
    "FROM mismatch_part p LEFT JOIN mismatch m ON m.id = p.mismatch_id WHERE p.employee_id = who ORDER BY m.number, p.finding_id"
)
CASES = f"    WHEN 'check_answers' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({ROWS}) r;"
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def _protect() -> None:
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, (privileges, seen) in logins.items():
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")


def _tables() -> None:
    op.create_table(
        "mismatch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device_class", sa.Text(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column(
            "state", _one_of("state", "open", "answered", "disputed"), server_default=sa.text("'open'"), nullable=False
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("disputed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("items > 0", name=op.f("ck_mismatch_items")),
        sa.CheckConstraint("state <> 'disputed' OR disputed_on IS NOT NULL", name=op.f("ck_mismatch_disputed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mismatch")),
        sa.UniqueConstraint("number", name=op.f("uq_mismatch_number")),
    )
    group, is_open, waits = (
        ["day", "what", "kind", "device_class"],
        sa.text("state = 'open'"),
        sa.text("state <> 'answered'"),
    )
    op.create_index("uq_mismatch_open", "mismatch", group, unique=True, postgresql_where=is_open)
    op.create_index("ix_mismatch_waits", "mismatch", ["found_on"], unique=False, postgresql_where=waits)
    op.create_table(
        "mismatch_part",
        sa.Column("mismatch_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=KEPT),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_mismatch_part_employee_id")),
        sa.PrimaryKeyConstraint("mismatch_id", "finding_id", name=op.f("pk_mismatch_part")),
    )
    op.create_index(op.f("ix_mismatch_part_finding_id"), "mismatch_part", ["finding_id"], unique=False)
    op.create_index(op.f("ix_mismatch_part_employee_id"), "mismatch_part", ["employee_id"], unique=False)
    op.create_table(
        "mismatch_step",
        sa.Column("mismatch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("step", _one_of("step", "found", "answered", "disputed"), nullable=False),
        sa.Column(
            "cause",
            _one_of("cause", "device", "late", "daylight", "store", "person", "check", "unknown"),
            nullable=True,
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(step = 'answered') = (cause IS NOT NULL AND words IS NOT NULL)", name=op.f("ck_mismatch_step_answer")
        ),
        sa.CheckConstraint("char_length(words) BETWEEN 1 AND 4000", name=op.f("ck_mismatch_step_size")),
        sa.PrimaryKeyConstraint("mismatch_id", "number", name=op.f("pk_mismatch_step")),
    )
    op.create_table(
        "mismatch_share",
        sa.Column("state", _one_of("state", "open", "answered", "disputed"), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=True),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.CheckConstraint("people >= 10", name=op.f("ck_mismatch_share_enough")),
        sa.CheckConstraint("(cases IS NULL) = (people IS NULL)", name=op.f("ck_mismatch_share_together")),
        sa.CheckConstraint("since IS NULL OR people IS NOT NULL", name=op.f("ck_mismatch_share_since")),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_mismatch_share")),
    )


def upgrade() -> None:
    _tables()
    _protect()
    op.execute(FUNCTIONS)
    for function, login in LOGIN_OF.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")
    op.drop_table(
        "reconciliation_total"
    )  # the list of mismatches takes its place; the worker makes it from the findings


def downgrade() -> None:
    op.create_table(
        "reconciliation_total",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device_class", sa.Text(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", "kind", "device_class", name=op.f("pk_reconciliation_total")),
    )
    op.execute("ALTER TABLE reconciliation_total ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON reconciliation_total TO owner USING (true) WITH CHECK (true)")
    for login, privileges in {"worker": "SELECT, INSERT, UPDATE, DELETE", "web_officer": "SELECT"}.items():
        op.execute(f"GRANT {privileges} ON reconciliation_total TO {login}")
        op.execute(f"CREATE POLICY {login} ON reconciliation_total TO {login} USING (true) WITH CHECK (true)")
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    for function in reversed(LOGIN_OF):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("mismatch_share", "mismatch", "mismatch_step", "mismatch_part"):
        op.drop_table(table)
