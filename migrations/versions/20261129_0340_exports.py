"""exports: orders that the vault seals, archives that only it opens"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_0340"
down_revision = "20261129_0300"
branch_labels = None
depends_on = None


OWN = "employee_id = (SELECT actor_id())"
EVERY = "true"
SHOWN = (
    "id, employee_id, request_id, ordered_at, expires_at, starts_at, ends_at, kinds, stores, language, timezone, key_id, state, "
    "reason, items_total, items_done, problems, position_at, position_id, step, tries, next_try_at, stores_listed_at, "
    "archive_bytes, archive_until, downloaded_at, cancelled_at, finished_at, cleared_at"
)
GRANTS = {
    "export_order": {
        "web_employee": f"SELECT ({SHOWN}), UPDATE (cancelled_at)",
        "vault": "SELECT, UPDATE (state, reason, items_done, problems, position_at, position_id, step, checkpoint, tries, "
        "next_try_at, archive_bytes, archive_until, finished_at)",
        "worker": f"SELECT ({SHOWN}), UPDATE (state, reason, stores_listed_at, finished_at, cleared_at), DELETE",
        "vault_definer": "SELECT, INSERT, UPDATE (downloaded_at)",
    },
    "export_file": {
        "vault": "SELECT, INSERT, UPDATE (head), DELETE",
        "worker": "SELECT (order_id, number, employee_id), DELETE",
    },
    "export_chunk": {
        "vault": "SELECT (order_id, file, part, employee_id), INSERT, DELETE",
        "worker": "SELECT (order_id, file, part, employee_id), DELETE",
        "vault_definer": "SELECT",
    },
    "export_store": {
        "web_employee": "SELECT",
        "vault": "SELECT, UPDATE (state, rows, batches)",
        "worker": "SELECT, INSERT, UPDATE, DELETE",
        "vault_definer": "SELECT",
    },
}

# What an archive tells besides the captured items: name → rows of the person. No key, hash or token among them.
ABOUT = {
    "person": "SELECT id, issuer, subject, name, email, site, department, country, timezone, locale, exclusions, created_at, left_at "
    "FROM employee WHERE id = who",
    "roles": "SELECT role, granted_at FROM role_grant WHERE employee_id = who ORDER BY role",
    "sign_ins": "SELECT id, auth_time, created_at, last_seen_at, expires_at, ended_at FROM login_session WHERE employee_id = who "
    "ORDER BY created_at, id",
    "devices": "SELECT id, kind, name, platform, added_at, last_seen_at, removed_at FROM device WHERE employee_id = who ORDER BY added_at, id",
    "device_reports": "SELECT id, device_id, what, directive, policy, last_seq, reported_at, received_at, detail FROM device_report "
    "WHERE employee_id = who ORDER BY id",
    "leases": "SELECT id, devices, policy, directive, permitted, started_at, valid_until FROM lease_span WHERE employee_id = who "
    "ORDER BY started_at, id",
    "pauses": "SELECT id, device_id, source, asked_at, starts_at, ends_at, kinds, contexts, weekday, from_minute, minutes, ended_at "
    "FROM pause WHERE employee_id = who ORDER BY asked_at, id",
    "uploads": "SELECT device_id, segment_id, outcome, reason, seq, kind, context, started_at, ended_at, local_day, received_at "
    "FROM upload WHERE employee_id = who AND outcome <> 'stored' ORDER BY received_at, segment_id",
    "deletions": "SELECT id, asked_at, starts_at, ends_at, kinds, contexts, segment_id, items, undone_at, done_at FROM erasure "
    "WHERE employee_id = who ORDER BY asked_at, id",
    "requests": "SELECT id, number, type, state, law, starts_at, ends_at, kinds, contexts, sensitivities, segments, words, started_by, "
    "appeals, created_at, received_at, due_at, assigned_name, merged_into, closed_at FROM request WHERE employee_id = who ORDER BY number",
    "request_events": "SELECT id, request_id, kind, at, actor_role, actor_name, words, params FROM request_event WHERE employee_id = who "
    "ORDER BY id",
    "request_counts": "SELECT request_id, dataset_id, store, kind, sensitivity, items, stays, why, counted_at FROM request_count "
    "WHERE employee_id = who ORDER BY id",
    "request_decisions": "SELECT id, request_id, outcome, ground, words, stays, proposed_name, proposed_at, confirmed_name, confirmed_at, "
    "rejected_at FROM request_decision WHERE employee_id = who ORDER BY proposed_at, id",
    "request_steps": "SELECT id, request_id, dataset_id, store, state, reason, deleted, held, remaining, pending_since, logical_at, "
    "physical_on, read_back_at, created_at FROM request_step WHERE employee_id = who ORDER BY created_at, id",
    "receipts": "SELECT id, request_id, step_id, envelope, issued_at FROM receipt WHERE employee_id = who ORDER BY issued_at, id",
    "legal_holds": "SELECT id, starts_at, ends_at, kinds, contexts, segment_id, ground, reason, set_at, expires_at, released_at "
    "FROM legal_hold WHERE employee_id = who ORDER BY set_at, id",
    "tombstones": "SELECT id, starts_at, ends_at, kinds, contexts, sensitivities, segments, erased_at FROM tombstone "
    "WHERE employee_id = who ORDER BY erased_at, id",
    "looks": "SELECT id, reader_id = who AS own, reader_unit, kind, purpose, segment_ids, covers_from, covers_until, at, read_at "
    "FROM look WHERE employee_id = who ORDER BY at, id",
    "notifications": "SELECT id, kind, params, created_at, seen_at FROM notification WHERE employee_id = who ORDER BY created_at, id",
    "mails": "SELECT id, kind, params, created_at, sent_at, given_up_at FROM outbox WHERE employee_id = who ORDER BY created_at, id",
    "audit_entries": "SELECT id, at, actor_role, actor_id = who AS own, action, object_id, detail, encode(salt, 'hex') AS salt "
    "FROM audit_entry WHERE employee_id = who ORDER BY id",
    "policies": "SELECT version, hash, not_before, expires_at, published_at, envelope FROM policy WHERE "
    "hash IN (SELECT policy FROM lease_span WHERE employee_id = who) "
    "OR version IN (SELECT policy_version FROM segment WHERE employee_id = who) ORDER BY version",
    "exports": "SELECT id, ordered_at, expires_at, starts_at, ends_at, kinds, stores, state, reason, items_total, items_done, problems, "
    "archive_until, downloaded_at, cancelled_at FROM export_order WHERE employee_id = who ORDER BY ordered_at, id",
}
# What the definer may read for that, beside `segment`, `look` and its ticket rows.
READS = {
    "employee": "SELECT (issuer, subject, email, site, country, timezone, locale, exclusions, created_at, left_at)",
    "role_grant": "SELECT",
    "login_session": "SELECT (auth_time, created_at, last_seen_at)",
    "device": "SELECT (id, employee_id, kind, name, platform, added_at, last_seen_at, removed_at)",
    "device_report": "SELECT",
    "lease_span": "SELECT",
    "pause": "SELECT",
    "upload": "SELECT",
    "erasure": "SELECT",
    "request": "SELECT",
    "request_event": "SELECT",
    "request_count": "SELECT",
    "request_decision": "SELECT",
    "request_step": "SELECT",
    "receipt": "SELECT",
    "legal_hold": "SELECT",
    "tombstone": "SELECT",
    "notification": "SELECT",
    "outbox": "SELECT (id, employee_id, kind, params, created_at, sent_at, given_up_at)",
    "audit_entry": "SELECT",
    "policy": "SELECT",
}
HAD_POLICY = {"employee", "login_session"}

PRESENT = """
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a look sees the present only' USING ERRCODE = 'invalid_transaction_state';
    END IF;
"""
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
LIVE = f"""
CREATE FUNCTION export_live(p_order uuid) RETURNS export_order LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    told export_order;
BEGIN{PRESENT}
    SELECT * INTO told FROM export_order
     WHERE id = p_order AND finished_at IS NULL AND cancelled_at IS NULL AND expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live order' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN told;
END $$;
"""
# A live ticket makes an order, for its own person and for a day at most; while one runs, that one is it.
BEGIN = f"""
CREATE FUNCTION export_order_begin(p_ticket bytea, p_order uuid, p_request uuid, p_ordered timestamptz, p_expires timestamptz,
                                   p_from timestamptz, p_until timestamptz, p_kinds text[], p_stores bool, p_language text,
                                   p_timezone text, p_key uuid, p_wrapped bytea, p_seal bytea)
RETURNS uuid LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    person uuid;
    items bigint;
    made uuid;
BEGIN{PRESENT}
    SELECT t.employee_id INTO person
      FROM vault_ticket t JOIN login_session s ON s.id = t.session_id AND s.employee_id = t.employee_id
     WHERE t.token_hash = p_ticket AND s.ended_at IS NULL AND s.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live ticket' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF p_ordered NOT BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'an order begins now' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT count(*) INTO items FROM segment
     WHERE employee_id = person AND erasure_id IS NULL AND started_at < least(p_until, p_ordered)
       AND (p_from IS NULL OR started_at >= p_from) AND (p_kinds IS NULL OR kind = ANY (p_kinds));
    INSERT INTO export_order (id, employee_id, request_id, ordered_at, expires_at, starts_at, ends_at, kinds, stores, language,
                              timezone, key_id, wrapped_key, seal, items_total)
    VALUES (p_order, person, p_request, p_ordered, p_expires, p_from, p_until, p_kinds, p_stores, p_language, p_timezone, p_key,
            p_wrapped, p_seal, items)
        ON CONFLICT (employee_id) WHERE finished_at IS NULL AND cancelled_at IS NULL DO NOTHING;
    SELECT id INTO made FROM export_order
     WHERE employee_id = person AND finished_at IS NULL AND cancelled_at IS NULL;
    RETURN made;
END $$;
"""
# The next items after the order's own position, never others: the line names them, and look_read gives only those.
LOOK = f"""
CREATE FUNCTION export_look_begin(p_order uuid, p_most int)
RETURNS TABLE (look uuid, segments uuid[], last_at timestamptz, last_id uuid) LANGUAGE plpgsql {HEAD} AS $$
#variable_conflict use_column
DECLARE
    told export_order := export_live(p_order);
    reader employee;
    found_ids uuid[];
    found_at timestamptz[];
    look_id uuid := gen_random_uuid();
BEGIN
    SELECT array_agg(s.id), array_agg(s.started_at) INTO found_ids, found_at
      FROM (SELECT id, started_at FROM segment
             WHERE employee_id = told.employee_id AND erasure_id IS NULL
               AND started_at >= coalesce(told.position_at, told.starts_at, '-infinity')
               AND started_at < least(told.ends_at, told.ordered_at)
               AND (told.position_at IS NULL OR (started_at, id) > (told.position_at, told.position_id))
               AND (told.kinds IS NULL OR kind = ANY (told.kinds))
             ORDER BY started_at, id LIMIT least(greatest(p_most, 1), 5000)) s;
    IF found_ids IS NULL THEN
        RETURN;
    END IF;
    SELECT e.id, e.name, e.department INTO reader.id, reader.name, reader.department FROM employee e WHERE e.id = told.employee_id;
    INSERT INTO look (id, employee_id, reader_id, reader_name, reader_unit, kind, purpose, segment_ids,
                      covers_from, covers_until, at)
    VALUES (look_id, reader.id, reader.id, reader.name, reader.department, 'export', 'export', found_ids,
            found_at[1], found_at[cardinality(found_at)] + interval '1 millisecond', clock_timestamp());
    RETURN QUERY SELECT look_id, found_ids, found_at[cardinality(found_at)], found_ids[cardinality(found_ids)];
END $$;
"""
ROWS = f"""
CREATE FUNCTION export_rows(p_order uuid, p_about text) RETURNS SETOF jsonb
LANGUAGE plpgsql {HEAD} SET timezone = 'UTC' AS $$
DECLARE
    who uuid := (export_live(p_order)).employee_id;
BEGIN
    CASE p_about
{{cases}}
    END CASE;
END $$;
""".format(
    cases="\n".join(
        f"    WHEN '{about}' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({rows}) r;" for about, rows in ABOUT.items()
    )
)
# A download is a look of its own, committed before the first byte; it lasts an hour at most.
DOWNLOAD = f"""
CREATE FUNCTION export_download_begin(p_ticket bytea, p_order uuid) RETURNS uuid LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    reader employee;
    told export_order;
    look_id uuid := gen_random_uuid();
BEGIN{PRESENT}
    SELECT e.id, e.name, e.department INTO reader.id, reader.name, reader.department
      FROM vault_ticket t
      JOIN login_session s ON s.id = t.session_id AND s.employee_id = t.employee_id
      JOIN employee e ON e.id = t.employee_id
     WHERE t.token_hash = p_ticket AND s.ended_at IS NULL AND s.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live ticket' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE export_order SET downloaded_at = clock_timestamp()
     WHERE id = p_order AND employee_id = reader.id AND state = 'ready' AND cancelled_at IS NULL
       AND archive_until > clock_timestamp()
    RETURNING * INTO told;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO look (id, employee_id, reader_id, reader_name, reader_unit, kind, purpose, segment_ids,
                      covers_from, covers_until, at)
    VALUES (look_id, reader.id, reader.id, reader.name, reader.department, 'export', 'export_download', ARRAY[p_order],
            coalesce(told.starts_at, told.ordered_at), coalesce(told.ends_at, told.ordered_at), clock_timestamp());
    RETURN look_id;
END $$;
CREATE FUNCTION export_read(p_look uuid, p_file bigint, p_part bigint)
RETURNS TABLE (file bigint, part bigint, body bytea) LANGUAGE plpgsql {HEAD} AS $$
#variable_conflict use_column
DECLARE
    told look;
BEGIN{PRESENT}
    SELECT l.* INTO told FROM look l JOIN export_order o ON o.id = l.segment_ids[1] AND o.employee_id = l.employee_id
     WHERE l.id = p_look AND l.purpose = 'export_download' AND l.at > clock_timestamp() - interval '1 hour'
       AND l.transaction <> pg_current_xact_id()::text::bigint
       AND o.state = 'ready' AND o.cancelled_at IS NULL AND o.archive_until > clock_timestamp() - interval '1 hour';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed download' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
    SELECT c.file, c.part, c.body
      FROM (SELECT n.*, sum(octet_length(n.body)) OVER (ORDER BY n.file, n.part) AS running
              FROM (SELECT * FROM export_chunk
                     WHERE order_id = told.segment_ids[1] AND (file, part) > (p_file, p_part)
                     ORDER BY file, part LIMIT 64) n) c
     WHERE c.running - octet_length(c.body) < 4194304 ORDER BY c.file, c.part;
END $$;
"""
FUNCTIONS = {
    "export_live(uuid)": "",
    "export_order_begin(bytea, uuid, uuid, timestamptz, timestamptz, timestamptz, timestamptz, text[], bool, text, text, uuid, "
    "bytea, bytea)": "vault",
    "export_look_begin(uuid, int)": "vault",
    "export_rows(uuid, text)": "vault",
    "export_download_begin(bytea, uuid)": "vault",
    "export_read(uuid, bigint, bigint)": "vault",
}
# Signing out of everything ends orders too: as the identity provider tells it without naming one session, or as the person
# ends all other sessions on their own page.
BY_PROVIDER = """
CREATE OR REPLACE FUNCTION session_end_by_provider(p_token bytea, p_issuer text, p_subject text, p_sid text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended uuid[];
BEGIN
    INSERT INTO used_logout_token (token_hash) VALUES (p_token) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    WITH closed AS (
        UPDATE login_session s SET ended_at = now(), id_token = NULL
         WHERE s.issuer = p_issuer AND s.ended_at IS NULL AND (p_subject IS NOT NULL OR p_sid IS NOT NULL)
           AND (p_subject IS NULL OR s.subject = p_subject) AND (p_sid IS NULL OR s.sid = p_sid)
        RETURNING s.id
    ) SELECT coalesce(array_agg(id), '{}') INTO ended FROM closed;
    DELETE FROM vault_ticket WHERE session_id = ANY (ended);
--
    RETURN cardinality(ended);
END $$;
"""
ENDS_ORDERS = """
    IF p_sid IS NULL AND p_subject IS NOT NULL THEN
        UPDATE export_order o SET cancelled_at = now() FROM employee e
         WHERE e.issuer = p_issuer AND e.subject = p_subject AND o.employee_id = e.id
           AND o.finished_at IS NULL AND o.cancelled_at IS NULL;
    END IF;
"""
OTHERS = """
CREATE OR REPLACE FUNCTION session_end_others(p_token bytea, p_idle interval, p_only uuid) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended uuid[];
BEGIN
    WITH own AS (
        SELECT s.id, s.employee_id FROM login_session s
         WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at > now() - p_idle
    ), closed AS (
        UPDATE login_session s SET ended_at = now(), id_token = NULL FROM own
         WHERE s.employee_id = own.employee_id AND s.id <> own.id AND s.ended_at IS NULL AND (p_only IS NULL OR s.id = p_only)
        RETURNING s.id
    ) SELECT coalesce(array_agg(id), '{}') INTO ended FROM closed;
    DELETE FROM vault_ticket WHERE session_id = ANY (ended);
--
    RETURN cardinality(ended);
END $$;
"""
OTHERS_END_ORDERS = """
    IF p_only IS NULL THEN
        UPDATE export_order o SET cancelled_at = now() FROM login_session s
         WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at > now() - p_idle
           AND o.employee_id = s.employee_id AND o.finished_at IS NULL AND o.cancelled_at IS NULL;
    END IF;
"""


def _look_kinds(*kinds: str) -> None:
    op.execute("ALTER TABLE look DROP CONSTRAINT ck_look_kind")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE look ADD CONSTRAINT ck_look_kind CHECK (kind IN ({listed}))")


def _more_than_tables() -> None:
    op.execute("ALTER TABLE export_chunk ALTER COLUMN body SET STORAGE EXTERNAL")
    _look_kinds("open", "search", "export")
    for table, logins in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        for login, privileges in logins.items():
            seen = OWN if login == "web_employee" else EVERY
            op.execute(f"GRANT {privileges} ON {table} TO {login}")
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    for table, privileges in READS.items():
        op.execute(f"GRANT {privileges} ON {table} TO vault_definer")
        if table not in HAD_POLICY:
            op.execute(f"CREATE POLICY vault_definer ON {table} TO vault_definer USING (true) WITH CHECK (true)")
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    for part in (LIVE, BEGIN, LOOK, ROWS, DOWNLOAD):
        op.execute(part)
    for function, login in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if login:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {login}")
        op.execute(f"ALTER FUNCTION {function} OWNER TO vault_definer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")
    op.execute(BY_PROVIDER.replace("--\n", ENDS_ORDERS.lstrip("\n")))
    op.execute(OTHERS.replace("--\n", OTHERS_END_ORDERS.lstrip("\n")))


def _less_than_tables() -> None:
    op.execute(BY_PROVIDER.replace("--\n", ""))
    op.execute(OTHERS.replace("--\n", ""))
    op.execute("SET LOCAL ROLE vault_definer")
    for function in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("SET LOCAL ROLE owner")
    for table, privileges in READS.items():
        if table not in HAD_POLICY:
            op.execute(f"DROP POLICY vault_definer ON {table}")
        op.execute(f"REVOKE {privileges} ON {table} FROM vault_definer")
    _look_kinds("open", "search")


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "export_chunk",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="personal: deleted when the archive expires"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_export_chunk_employee_id")),
        sa.PrimaryKeyConstraint("order_id", "file", "part", name=op.f("pk_export_chunk")),
    )
    op.create_index(op.f("ix_export_chunk_employee_id"), "export_chunk", ["employee_id"], unique=False)
    op.create_table(
        "export_file",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("head", sa.LargeBinary(), nullable=False, comment="personal: deleted when the archive expires"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_export_file_employee_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_export_file")),
    )
    op.create_index(op.f("ix_export_file_employee_id"), "export_file", ["employee_id"], unique=False)
    op.create_table(
        "export_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("stores", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False, comment="personal: epoch destruction"),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "ready",
                "failed",
                "cancelled",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("items_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("items_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problems", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("position_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=True, comment="personal: whole-person erasure"),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stores_listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("archive_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'ready') <= (archive_until IS NOT NULL)", name=op.f("ck_export_order_ready")),
        sa.CheckConstraint(
            "expires_at > ordered_at AND expires_at <= ordered_at + interval '24 hours'",
            name=op.f("ck_export_order_a_day"),
        ),
        sa.CheckConstraint(
            "(starts_at IS NULL) = (ends_at IS NULL) AND starts_at < ends_at", name=op.f("ck_export_order_range")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_export_order_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_order")),
    )
    op.create_index(
        op.f("ix_export_order_employee_id_ordered_at"), "export_order", ["employee_id", "ordered_at"], unique=False
    )
    op.create_index(
        "uq_export_order_unfinished",
        "export_order",
        ["employee_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "export_store",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "missing",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("batches", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("pending_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_export_store_employee_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_export_store")),
    )
    op.create_index(
        "ix_export_store_due",
        "export_store",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index(op.f("ix_export_store_employee_id"), "export_store", ["employee_id"], unique=False)
    # ### end Alembic commands ###
    _more_than_tables()


def downgrade() -> None:
    _less_than_tables()
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index(op.f("ix_export_store_employee_id"), table_name="export_store")
    op.drop_index("ix_export_store_due", table_name="export_store", postgresql_where=sa.text("state <> 'done'"))
    op.drop_table("export_store")
    op.drop_index(
        "uq_export_order_unfinished",
        table_name="export_order",
        postgresql_where=sa.text("finished_at IS NULL AND cancelled_at IS NULL"),
    )
    op.drop_index(op.f("ix_export_order_employee_id_ordered_at"), table_name="export_order")
    op.drop_table("export_order")
    op.drop_index(op.f("ix_export_file_employee_id"), table_name="export_file")
    op.drop_table("export_file")
    op.drop_index(op.f("ix_export_chunk_employee_id"), table_name="export_chunk")
    op.drop_table("export_chunk")
    # ### end Alembic commands ###
