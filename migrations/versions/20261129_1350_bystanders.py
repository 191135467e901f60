"""bystanders: whom else an item shows, and what that person asks for; handovers: a copy for somebody who has left"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_1350"
down_revision = "20261129_1340"
branch_labels = None
depends_on = None


OWN = "employee_id = (SELECT actor_id())"
OTHERS = "employee_id <> (SELECT actor_id())"
EVERY = "true"
NAMED = "id, employee_id, segment_id, started_at, handle, named_at"
GRANTS = {
    "shown_item": {
        # who is meant stays unread, so that naming somebody tells nobody whether there is such a person
        "web_employee": (f"SELECT ({NAMED}), INSERT ({NAMED}), DELETE", OWN),
        "worker": ("SELECT, UPDATE (bystander_id, matched_at), DELETE", EVERY),
        "vault_definer": (f"SELECT ({NAMED})", EVERY),
    },
    "shown_claim": {
        "web_employee": ("SELECT (id, employee_id, item_id, wish, claimed_at, number, state, closed_at)", OWN),
        "worker": ("SELECT, UPDATE (filed_as, number, state, closed_at), DELETE", EVERY),
        "vault_definer": ("SELECT (id, employee_id, wish, claimed_at, number, state, closed_at)", EVERY),
    },
}
HANDOVER_SHOWN = (
    "id, employee_id, request_id, checked, prepared_by, prepared_name, prepared_at, expires_at, approved_by, approved_name, "
    "approved_at, tries, claimed_at, taken_at, revoked_at"
)
GRANTS["handover"] = {
    "web_hr": (f"SELECT ({HANDOVER_SHOWN})", OTHERS),
    "vault": ("SELECT, UPDATE (tries)", EVERY),
    "vault_definer": (
        (
            "SELECT, INSERT, UPDATE (approved_by, approved_name, approved_at, code_hash, approve_seal, order_id, pickup_hash, "
            "pickup_seal, claimed_at, taken_at, revoked_at)"
        ),
        EVERY,
    ),
}
WORKER = ("INSERT ON request",)
PRESENT = """
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a look sees the present only' USING ERRCODE = 'invalid_transaction_state';
    END IF;
"""
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# What whom an item shows may know of it; a hold says only that it holds. The hold's bounds are those of portal/deletion/store.py.
SHOWN = f"""
CREATE FUNCTION shown_held(p_owner uuid, p_started timestamptz, p_segment uuid) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT EXISTS (
        SELECT FROM segment s JOIN legal_hold h ON h.employee_id = s.employee_id
         WHERE s.employee_id = p_owner AND s.started_at = p_started AND s.id = p_segment
           AND h.released_at IS NULL AND h.expires_at > clock_timestamp()
           AND h.starts_at <= s.ended_at AND h.ends_at > s.started_at
           AND (h.kinds IS NULL OR s.kind = ANY (h.kinds)) AND (h.contexts IS NULL OR s.context = ANY (h.contexts))
           AND (h.segment_id IS NULL OR h.segment_id = s.id))
$$;
CREATE FUNCTION shown_items(p_item uuid)
RETURNS TABLE (id uuid, started_at timestamptz, ended_at timestamptz, kind text, context text, unit text, held bool)
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT i.id, s.started_at, s.ended_at, s.kind, s.context, e.department, shown_held(i.employee_id, i.started_at, i.segment_id)
      FROM shown_item i
      JOIN segment s ON s.employee_id = i.employee_id AND s.started_at = i.started_at AND s.id = i.segment_id AND s.erasure_id IS NULL
      JOIN employee e ON e.id = i.employee_id
     WHERE i.bystander_id = (SELECT actor_id()) AND (p_item IS NULL OR i.id = p_item)
     ORDER BY s.started_at DESC, i.id LIMIT 500
$$;
CREATE FUNCTION claim_shown(p_item uuid, p_wish text) RETURNS text LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    me uuid := actor_id();
    told shown_item;
BEGIN
    SELECT * INTO told FROM shown_item WHERE id = p_item AND bystander_id = me FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    IF NOT EXISTS (SELECT FROM segment s WHERE s.employee_id = told.employee_id AND s.started_at = told.started_at
                      AND s.id = told.segment_id AND s.erasure_id IS NULL) THEN
        RETURN 'gone';
    END IF;
    IF EXISTS (SELECT FROM shown_claim c WHERE c.employee_id = me AND c.segment_id = told.segment_id AND c.closed_at IS NULL
                  AND (c.wish = 'erase' OR c.wish = p_wish)) THEN
        RETURN 'twice';
    END IF;
    IF p_wish = 'erase' AND shown_held(told.employee_id, told.started_at, told.segment_id) THEN
        RETURN 'held';
    END IF;
    INSERT INTO shown_claim (id, employee_id, item_id, owner_id, segment_id, wish)
    VALUES (gen_random_uuid(), me, told.id, told.employee_id, told.segment_id, p_wish);
    RETURN 'claimed';
END $$;
"""
# Each act of HR needs a live ticket of somebody of HR who signed in freshly; the second is another person (0043).
HANDOVER = f"""
CREATE FUNCTION handover_hr(p_ticket bytea) RETURNS employee LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    who employee;
BEGIN
    SELECT e.id, e.name INTO who.id, who.name
      FROM vault_ticket t
      JOIN login_session s ON s.id = t.session_id AND s.employee_id = t.employee_id
      JOIN employee e ON e.id = t.employee_id AND e.left_at IS NULL
      JOIN role_grant g ON g.employee_id = e.id AND g.role = 'hr'
     WHERE t.token_hash = p_ticket AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
       AND s.auth_time > clock_timestamp() - interval '15 minutes';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live ticket of HR' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN who;
END $$;
CREATE FUNCTION handover_person(p_ticket bytea, p_request uuid)
RETURNS TABLE (employee uuid, starts timestamptz, ends timestamptz, kinds text[]) LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    RETURN QUERY
    SELECT r.employee_id, r.starts_at, r.ends_at, r.kinds FROM request r JOIN employee e ON e.id = r.employee_id
     WHERE r.id = p_request AND r.started_by = 'hr' AND r.type IN ('access', 'port') AND r.state IN ('approved', 'running', 'done', 'partial')
       AND e.left_at IS NOT NULL AND r.employee_id <> hr.id;
END $$;
CREATE FUNCTION handover_prepare(p_ticket bytea, p_id uuid, p_request uuid, p_checked text, p_link bytea, p_expires timestamptz, p_seal bytea)
RETURNS void LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('handover ' || p_request));
    IF EXISTS (SELECT FROM handover h LEFT JOIN export_order o ON o.id = h.order_id
                WHERE h.request_id = p_request AND h.revoked_at IS NULL AND h.taken_at IS NULL AND h.tries < 10
                  AND (h.claimed_at IS NULL AND h.expires_at > clock_timestamp()
                       OR o.finished_at IS NULL AND o.expires_at > clock_timestamp() OR o.archive_until > clock_timestamp())) THEN
        RAISE EXCEPTION 'one is under way' USING ERRCODE = 'unique_violation';
    END IF;
    INSERT INTO handover (id, employee_id, request_id, checked, starts_at, ends_at, kinds, prepared_by, prepared_name, prepared_at,
                          expires_at, link_hash, prepare_seal)
    SELECT p_id, f.employee, p_request, p_checked, f.starts, f.ends, f.kinds, hr.id, hr.name, clock_timestamp(),
           least(p_expires, clock_timestamp() + interval '15 days'), p_link, p_seal
      FROM handover_person(p_ticket, p_request) f;
END $$;
CREATE FUNCTION handover_approve(p_ticket bytea, p_id uuid, p_code bytea, p_seal bytea) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    UPDATE handover SET approved_by = hr.id, approved_name = hr.name, approved_at = clock_timestamp(), code_hash = p_code, approve_seal = p_seal
     WHERE id = p_id AND approved_at IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp();
    RETURN FOUND;
END $$;
CREATE FUNCTION handover_revoke(p_ticket bytea, p_id uuid) RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    hr employee := handover_hr(p_ticket);
BEGIN
    UPDATE handover SET revoked_at = clock_timestamp()
     WHERE id = p_id AND revoked_at IS NULL AND taken_at IS NULL AND employee_id <> hr.id;
    RETURN FOUND;
END $$;
CREATE FUNCTION handover_claim(p_id uuid, p_order uuid, p_ordered timestamptz, p_expires timestamptz, p_language text, p_timezone text,
                               p_key uuid, p_wrapped bytea, p_seal bytea, p_pickup bytea, p_pickup_seal bytea)
RETURNS bool LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    told handover;
BEGIN{PRESENT}
    UPDATE handover SET claimed_at = clock_timestamp(), order_id = p_order, pickup_hash = p_pickup, pickup_seal = p_pickup_seal
     WHERE id = p_id AND approved_at IS NOT NULL AND claimed_at IS NULL AND revoked_at IS NULL AND tries < 10
       AND expires_at > clock_timestamp()
    RETURNING * INTO told;
    IF NOT FOUND OR p_ordered NOT BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp() + interval '1 minute' THEN
        RETURN false;
    END IF;
    INSERT INTO export_order (id, employee_id, request_id, ordered_at, expires_at, starts_at, ends_at, kinds, stores, language,
                              timezone, key_id, wrapped_key, seal, items_total)
    SELECT p_order, told.employee_id, told.request_id, p_ordered, p_expires, told.starts_at, told.ends_at, told.kinds, true, p_language,
           p_timezone, p_key, p_wrapped, p_seal, count(*)
      FROM segment WHERE employee_id = told.employee_id AND erasure_id IS NULL AND started_at < least(told.ends_at, p_ordered)
       AND (told.starts_at IS NULL OR started_at >= told.starts_at) AND (told.kinds IS NULL OR kind = ANY (told.kinds));
    RETURN true;
END $$;
CREATE FUNCTION handover_take(p_id uuid) RETURNS uuid LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    told export_order;
    reader employee;
    look_id uuid := gen_random_uuid();
BEGIN{PRESENT}
    UPDATE handover h SET taken_at = clock_timestamp() FROM export_order o
     WHERE h.id = p_id AND h.taken_at IS NULL AND h.revoked_at IS NULL AND h.tries < 10 AND o.id = h.order_id
       AND o.employee_id = h.employee_id AND o.state = 'ready' AND o.cancelled_at IS NULL AND o.archive_until > clock_timestamp()
    RETURNING o.* INTO told;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE export_order SET downloaded_at = clock_timestamp() WHERE id = told.id;
    SELECT e.id, e.name, e.department INTO reader.id, reader.name, reader.department FROM employee e WHERE e.id = told.employee_id;
    INSERT INTO look (id, employee_id, reader_id, reader_name, reader_unit, kind, purpose, segment_ids,
                      covers_from, covers_until, at)
    VALUES (look_id, reader.id, reader.id, reader.name, reader.department, 'export', 'export_download', ARRAY[told.id],
            coalesce(told.starts_at, told.ordered_at), coalesce(told.ends_at, told.ordered_at), clock_timestamp());
    RETURN look_id;
END $$;
"""
HANDOVERS = (
    "handover_hr(bytea)",
    "handover_person(bytea, uuid)",
    "handover_prepare(bytea, uuid, uuid, text, bytea, timestamptz, bytea)",
    "handover_approve(bytea, uuid, bytea, bytea)",
    "handover_revoke(bytea, uuid)",
    "handover_claim(uuid, uuid, timestamptz, timestamptz, text, text, uuid, bytea, bytea, bytea, bytea)",
    "handover_take(uuid)",
)
INTERNAL = HANDOVERS[0]
# Who may act for somebody is told; the login of whoever names them cannot write into another's notifications.
TOLD = f"""
CREATE FUNCTION delegation_is_told() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    INSERT INTO notification (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), e.id, 'delegate_named', 'delegation:' || NEW.id, '{{}}' FROM employee e WHERE e.id = NEW.delegate_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER delegation_is_told AFTER INSERT ON delegation FOR EACH ROW EXECUTE FUNCTION delegation_is_told();
"""
# What an export tells of these tables, beside what it told before.
ABOUT = {
    "shown_items": "SELECT id, segment_id, started_at, handle, named_at FROM shown_item WHERE employee_id = who ORDER BY named_at, id",
    "handovers": "SELECT id, request_id, checked, prepared_name, prepared_at, approved_name, approved_at, tries, claimed_at, taken_at, "
    "revoked_at FROM handover WHERE employee_id = who ORDER BY prepared_at, id",
    "shown_claims": "SELECT id, wish, claimed_at, number, state, closed_at FROM shown_claim WHERE employee_id = who ORDER BY claimed_at, id",
}
CASES = "\n".join(
    f"    WHEN '{about}' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({rows}) r;" for about, rows in ABOUT.items()
)
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
FUNCTIONS = {
    "shown_held(uuid, timestamptz, uuid)": None,
    "shown_items(uuid)": "web_employee",
    "claim_shown(uuid, text)": "web_employee",
}


def _senders(*senders: str) -> None:
    listed = ", ".join(f"'{sender}'" for sender in senders)
    op.execute("ALTER TABLE request DROP CONSTRAINT ck_request_started_by")
    op.execute(f"ALTER TABLE request ADD CONSTRAINT ck_request_started_by CHECK (started_by IN ({listed}))")


def _more_than_tables() -> None:
    _senders("person", "delegate", "hr", "bystander")
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, (privileges, seen) in logins.items():
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    for grant in WORKER:
        op.execute(f"GRANT {grant} TO worker")
    op.execute(SHOWN)
    op.execute(TOLD)
    op.execute("REVOKE ALL ON FUNCTION delegation_is_told() FROM PUBLIC")
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute(HANDOVER)
    for function in HANDOVERS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if function != INTERNAL:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO vault")
        op.execute(f"ALTER FUNCTION {function} OWNER TO vault_definer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")
    for function, login in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if login:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def _less_than_tables() -> None:
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    op.execute("SET LOCAL ROLE vault_definer")
    for function in reversed(HANDOVERS):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("SET LOCAL ROLE owner")
    op.execute("DROP TRIGGER delegation_is_told ON delegation")
    op.execute("DROP FUNCTION delegation_is_told()")
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    for grant in WORKER:
        op.execute(f"REVOKE {grant} FROM worker")
    op.execute("UPDATE request SET started_by = 'delegate' WHERE started_by = 'bystander'")
    _senders("person", "delegate", "hr")


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("checked", sa.Text(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("prepared_name", sa.Text(), nullable=False, comment="personal: whole-person erasure of prepared_by"),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prepare_seal", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_name", sa.Text(), nullable=True, comment="personal: whole-person erasure of approved_by"),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("approve_seal", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("pickup_hash", sa.LargeBinary(), nullable=True),
        sa.Column("pickup_seal", sa.LargeBinary(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_by NOT IN (prepared_by, employee_id)", name=op.f("ck_handover_four_eyes")),
        sa.CheckConstraint("claimed_at IS NULL OR approved_at IS NOT NULL", name=op.f("ck_handover_order")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_handover_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_handover_link_hash")),
    )
    op.create_index(op.f("ix_handover_employee_id_request_id"), "handover", ["employee_id", "request_id"], unique=False)
    op.create_table(
        "shown_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "wish",
            sa.Enum("restrict", "erase", name="wish", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("filed_as", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_shown_claim_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_claim")),
    )
    op.create_index(
        op.f("ix_shown_claim_employee_id_claimed_at"), "shown_claim", ["employee_id", "claimed_at"], unique=False
    )
    op.create_index(
        "ix_shown_claim_open",
        "shown_claim",
        ["claimed_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "shown_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False, comment="personal: whole-person erasure of bystander_id"),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bystander_id", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("bystander_id <> employee_id", name=op.f("ck_shown_item_other")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_shown_item_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_item")),
        sa.UniqueConstraint(
            "employee_id", "segment_id", "handle", name=op.f("uq_shown_item_employee_id_segment_id_handle")
        ),
    )
    op.create_index(op.f("ix_shown_item_bystander_id"), "shown_item", ["bystander_id"], unique=False)
    op.create_index(
        "ix_shown_item_unmatched",
        "shown_item",
        ["handle"],
        unique=False,
        postgresql_where=sa.text("bystander_id IS NULL"),
    )
    _more_than_tables()


def downgrade() -> None:
    _less_than_tables()
    op.drop_index("ix_shown_item_unmatched", table_name="shown_item", postgresql_where=sa.text("bystander_id IS NULL"))
    op.drop_index(op.f("ix_shown_item_bystander_id"), table_name="shown_item")
    op.drop_table("shown_item")
    op.drop_index("ix_shown_claim_open", table_name="shown_claim", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index(op.f("ix_shown_claim_employee_id_claimed_at"), table_name="shown_claim")
    op.drop_table("shown_claim")
    op.drop_index(op.f("ix_handover_employee_id_request_id"), table_name="handover")
    op.drop_table("handover")
    # ### end Alembic commands ###
