"""who may what: schemas, functions, privileges on columns, row-level security"""

from alembic import op

revision = "20261121_0410"
down_revision = "20261121_0400"
branch_labels = None
depends_on = None

OWN = "employee_id = (SELECT actor_id())"
EVERY = "true"

SEGMENT_HEADER = (
    "employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts, sensitivity, categories, "
    "policy, policy_version, lease_id, key_id, size, received_at, erasure_id"
)
# Neither number nor time of an audit entry is the writer's to choose.
APPEND = "INSERT (actor_id, actor_role, action, object_id, employee_id, detail)"
ORGANISATION = {"policy": "SELECT", "trust_document": "SELECT", "installation": "SELECT"}

# login → table → privileges. One policy per login and table: a person's own rows for people, every row for services.
PEOPLE = {
    "web_employee": {
        "employee": "SELECT, UPDATE (timezone, locale, exclusions, directive_number)",
        "role_grant": "SELECT",
        "device": "SELECT, INSERT, UPDATE (name, removed_at)",
        "enrolment_code": "SELECT, INSERT",
        "device_report": "SELECT",
        "lease_span": "SELECT",
        "pause": "SELECT, INSERT, UPDATE (ended_at, ended_number)",
        "segment": f"SELECT ({SEGMENT_HEADER}), UPDATE (erasure_id)",
        "upload": "SELECT",
        "employee_day": "SELECT",
        "erasure": "SELECT, INSERT, UPDATE (undone_at)",
        "look": "SELECT",
        "notification": "SELECT, UPDATE (seen_at)",
        "audit_entry": f"SELECT, {APPEND}",
    },
    "web_hr": {},
    "web_council": {},
    "web_officer": {},
}
SERVICES = {
    "gateway": {
        "employee": "SELECT (id, site, department, country, timezone, left_at, exclusions, directive_number), "
        "UPDATE (directive_number)",
        "employee_key": "SELECT (id, employee_id, document, created_at, retired_at)",
        "device": "SELECT, INSERT, UPDATE (last_seen_at)",
        "enrolment_code": "SELECT, UPDATE (used_at, device_id)",
        "device_report": "SELECT, INSERT",
        "lease_span": "SELECT, INSERT, UPDATE (valid_until)",
        "pause": "SELECT, INSERT, UPDATE (ended_at, ended_number)",
        "segment": f"SELECT ({SEGMENT_HEADER}), INSERT",
        "upload": "SELECT, INSERT",
        "audit_entry": f"{APPEND}, SELECT (id)",
    },
    "vault": {
        "employee": "SELECT (id, issuer, subject)",
        "login_session": "SELECT (id, employee_id, expires_at, ended_at)",
        "employee_key": "SELECT, INSERT, UPDATE (wrapped_private, kms_epoch)",
        "vault_ticket": "INSERT",
        "notification": "INSERT",
        "audit_entry": APPEND,
    },
    "worker": {
        "employee": "SELECT (id, timezone, left_at)",
        "pause": "SELECT",
        "erasure": "SELECT, UPDATE (done_at)",
        "segment": f"SELECT ({SEGMENT_HEADER}), DELETE",
        "upload": "SELECT, UPDATE (outcome)",
        "notification": "SELECT, INSERT",
        "signin_attempt": "SELECT (state_hash, created_at), DELETE",
        "login_session": "SELECT (id, employee_id, expires_at, ended_at), DELETE",
        "used_logout_token": "SELECT, DELETE",
        "vault_ticket": "SELECT (employee_id, session_id, created_at), DELETE",
        "enrolment_code": "SELECT (id, employee_id, created_at, expires_at, used_at), DELETE",
        "audit_entry": f"{APPEND}, SELECT (id)",
    },
    "vault_definer": {
        "employee": "SELECT (id, name, department)",
        "login_session": "SELECT (id, employee_id, expires_at, ended_at)",
        "vault_ticket": "SELECT",
        "look": "SELECT, INSERT, UPDATE (read_at)",
        "segment": "SELECT",
    },
}
LOGINS = (*PEOPLE, "gateway", "vault", "worker")

ACTOR = """
CREATE SCHEMA private;
CREATE SCHEMA pub;
CREATE TABLE private.actor_key (
    id int PRIMARY KEY CHECK (id = 1),
    inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64)
);
CREATE FUNCTION actor_id() RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[] := string_to_array(current_setting('portal.actor', true), '|');
    pads private.actor_key;
    message bytea;
BEGIN
    IF part IS NULL OR array_length(part, 1) IS DISTINCT FROM 4 OR part[1] <> session_user THEN
        RETURN NULL;
    END IF;
    SELECT * INTO pads FROM private.actor_key;
    message := convert_to(array_to_string(part[1:3], '|'), 'UTF8');
    IF encode(sha256(pads.outer_pad || sha256(pads.inner_pad || message)), 'hex') IS DISTINCT FROM part[4]
       OR part[3]::bigint < extract(epoch FROM clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    RETURN part[2]::uuid;
END $$;
"""

ROLLUP = """
CREATE FUNCTION segment_rollup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO employee_day AS d
        SELECT employee_id, local_day, kind, context, sensitivity, count(*),
               sum(extract(epoch FROM ended_at - started_at) * 1000)::bigint, sum(size)::bigint
          FROM added WHERE erasure_id IS NULL
         GROUP BY employee_id, local_day, kind, context, sensitivity
        ORDER BY 1, 2, 3, 4, 5
            ON CONFLICT (employee_id, local_day, kind, context, sensitivity) DO UPDATE
           SET items = d.items + excluded.items, milliseconds = d.milliseconds + excluded.milliseconds,
               bytes = d.bytes + excluded.bytes;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        UPDATE employee_day d
           SET items = d.items - g.items, milliseconds = d.milliseconds - g.ms, bytes = d.bytes - g.bytes
          FROM (SELECT employee_id, local_day, kind, context, sensitivity, count(*) AS items,
                       sum(extract(epoch FROM ended_at - started_at) * 1000)::bigint AS ms, sum(size)::bigint AS bytes
                  FROM removed WHERE erasure_id IS NULL
                 GROUP BY employee_id, local_day, kind, context, sensitivity) g
         WHERE (d.employee_id, d.local_day, d.kind, d.context, d.sensitivity)
             = (g.employee_id, g.local_day, g.kind, g.context, g.sensitivity);
        DELETE FROM employee_day d USING removed r
         WHERE d.employee_id = r.employee_id AND d.local_day = r.local_day AND d.items = 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_insert AFTER INSERT ON segment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION segment_rollup();
CREATE TRIGGER rollup_update AFTER UPDATE ON segment REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION segment_rollup();
CREATE TRIGGER rollup_delete AFTER DELETE ON segment REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION segment_rollup();
"""

PARTITIONS = """
ALTER TABLE segment ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE FUNCTION ensure_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    month timestamp;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    FOR month IN SELECT generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '3 months',
                                        date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', '1 month')
    LOOP
        name := 'segment_' || to_char(month, 'YYYYMM');
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF segment FOR VALUES FROM (%L) TO (%L)', name,
                           month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        END IF;
    END LOOP;
END $$;
SELECT ensure_partitions();
"""

SESSIONS = """
CREATE FUNCTION signin_begin(p_state bytea, p_browser bytea, p_nonce text, p_verifier text, p_next text, p_fresh bool)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO signin_attempt (state_hash, browser_hash, nonce, code_verifier, next_path, fresh)
    VALUES (p_state, p_browser, p_nonce, p_verifier, p_next, p_fresh);
$$;
CREATE FUNCTION signin_take(p_state bytea, p_browser bytea)
RETURNS TABLE (nonce text, code_verifier text, next_path text, fresh bool, created_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM signin_attempt a
     WHERE a.state_hash = p_state AND a.browser_hash = p_browser AND a.created_at > now() - interval '10 minutes'
    RETURNING a.nonce, a.code_verifier, a.next_path, a.fresh, a.created_at;
$$;
CREATE FUNCTION session_start(p_issuer text, p_subject text, p_name text, p_email text, p_roles text[], p_token bytea,
                              p_sid text, p_auth_time timestamptz, p_expires timestamptz, p_id_token text)
RETURNS TABLE (session_id uuid, employee_id uuid, created bool)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    person employee;
    session uuid := gen_random_uuid();
    is_new bool := false;
BEGIN
    SELECT * INTO person FROM employee WHERE issuer = p_issuer AND subject = p_subject FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO employee (id, issuer, subject, name, email)
        VALUES (gen_random_uuid(), p_issuer, p_subject, p_name, p_email)
        ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name
        RETURNING * INTO person;
        is_new := true;
    ELSE
        UPDATE employee SET name = p_name, email = p_email WHERE id = person.id AND (name, email) IS DISTINCT FROM (p_name, p_email);
    END IF;
    DELETE FROM role_grant r
     WHERE r.employee_id = person.id AND (r.role <> ALL (p_roles) OR person.left_at IS NOT NULL);
    INSERT INTO role_grant (employee_id, role)
    SELECT person.id, role FROM unnest(p_roles) role WHERE person.left_at IS NULL
        ON CONFLICT (employee_id, role) DO NOTHING;
    INSERT INTO login_session (id, employee_id, token_hash, issuer, subject, sid, auth_time, expires_at, id_token)
    VALUES (session, person.id, p_token, p_issuer, p_subject, p_sid, p_auth_time, p_expires, p_id_token);
    RETURN QUERY SELECT session, person.id, is_new;
END $$;
CREATE FUNCTION session_find(p_token bytea, p_idle interval)
RETURNS TABLE (session_id uuid, employee_id uuid, name text, email text, timezone text, locale text, left_at timestamptz,
               roles text[], auth_time timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    UPDATE login_session SET last_seen_at = now()
     WHERE token_hash = p_token AND ended_at IS NULL AND expires_at > now()
       AND last_seen_at BETWEEN now() - p_idle AND now() - interval '1 minute';
    RETURN QUERY
    SELECT s.id, e.id, e.name, e.email, e.timezone, e.locale, e.left_at,
           ARRAY(SELECT g.role::text FROM role_grant g WHERE g.employee_id = e.id ORDER BY g.role),
           s.auth_time, s.expires_at
      FROM login_session s JOIN employee e ON e.id = s.employee_id
     WHERE s.token_hash = p_token AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at > now() - p_idle;
END $$;
CREATE FUNCTION session_end(p_token bytea) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH ended AS (
        SELECT id, id_token FROM login_session WHERE token_hash = p_token AND ended_at IS NULL FOR UPDATE
    ), closed AS (
        UPDATE login_session s SET ended_at = now(), id_token = NULL FROM ended WHERE s.id = ended.id
    ), tickets AS (
        DELETE FROM vault_ticket t USING ended WHERE t.session_id = ended.id
    )
    SELECT id_token FROM ended;
$$;
CREATE FUNCTION session_end_by_provider(p_token bytea, p_issuer text, p_subject text, p_sid text) RETURNS int
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
    RETURN cardinality(ended);
END $$;
"""

# A look names its real time and is read within a minute of it, whatever old transaction asks: clock_timestamp(), and no
# snapshot from before a session's end or an erasure (only READ COMMITTED sees what is true now).
LOOKS = """
CREATE FUNCTION look_begin(p_ticket bytea, p_kind text, p_purpose text, p_segments uuid[],
                           p_from timestamptz, p_until timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader employee;
    look_id uuid := gen_random_uuid();
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a look sees the present only' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT e.id, e.name, e.department INTO reader.id, reader.name, reader.department
      FROM vault_ticket t
      JOIN login_session s ON s.id = t.session_id AND s.employee_id = t.employee_id
      JOIN employee e ON e.id = t.employee_id
     WHERE t.token_hash = p_ticket AND s.ended_at IS NULL AND s.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no live ticket' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF coalesce(cardinality(p_segments), 0) NOT BETWEEN 1 AND 5000 THEN
        RAISE EXCEPTION 'a look covers 1 to 5000 segments' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO look (id, employee_id, reader_id, reader_name, reader_unit, kind, purpose, segment_ids,
                      covers_from, covers_until, at)
    VALUES (look_id, reader.id, reader.id, reader.name, reader.department, p_kind, p_purpose, p_segments,
            p_from, p_until, clock_timestamp());
    RETURN look_id;
END $$;
CREATE FUNCTION look_read(p_look uuid)
RETURNS TABLE (id uuid, employee_id uuid, header bytea, body bytea, started_at timestamptz, ended_at timestamptz,
               device_id uuid, seq bigint, kind text, context text, counts jsonb, sensitivity smallint,
               categories text[], policy text, policy_version bigint, lease_id uuid, key_id uuid, size bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    seen look;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a look sees the present only' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    UPDATE look SET read_at = clock_timestamp()
     WHERE id = p_look AND read_at IS NULL AND at > clock_timestamp() - interval '1 minute'
       AND transaction <> pg_current_xact_id()::text::bigint
    RETURNING * INTO seen;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed look that is still unread' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
    SELECT s.id, s.employee_id, s.header, s.body, s.started_at, s.ended_at, s.device_id, s.seq, s.kind, s.context,
           s.counts, s.sensitivity, s.categories, s.policy, s.policy_version, s.lease_id, s.key_id, s.size
      FROM segment s
     WHERE s.employee_id = seen.employee_id AND s.started_at >= seen.covers_from AND s.started_at < seen.covers_until
       AND s.id = ANY (seen.segment_ids) AND s.erasure_id IS NULL
     ORDER BY s.started_at;
END $$;
"""

FUNCTIONS = {
    "actor_id()": PEOPLE,
    "ensure_partitions()": ("gateway", "worker"),
    "signin_begin(bytea, bytea, text, text, text, bool)": ("web_session",),
    "signin_take(bytea, bytea)": ("web_session",),
    "session_start(text, text, text, text, text[], bytea, text, timestamptz, timestamptz, text)": ("web_session",),
    "session_find(bytea, interval)": ("web_session",),
    "session_end(bytea)": ("web_session",),
    "session_end_by_provider(bytea, text, text, text)": ("web_session",),
    "look_begin(bytea, text, text, uuid[], timestamptz, timestamptz)": ("vault",),
    "look_read(uuid)": ("vault",),
}


def upgrade() -> None:
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    for part in (ACTOR, ROLLUP, PARTITIONS, SESSIONS, LOOKS):
        op.execute(part)
    tables = [
        row[0]
        for row in op.get_bind().exec_driver_sql(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'alembic_version'"
        )
    ]
    for table in [*tables, "private.actor_key"]:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
    op.execute("GRANT USAGE ON SCHEMA public TO web_session, vault_definer, " + ", ".join(LOGINS))
    for logins, rows in ((PEOPLE, OWN), (SERVICES, EVERY)):
        for login, grants in logins.items():
            for table, privileges in (grants | ({} if login == "vault_definer" else ORGANISATION)).items():
                op.execute(f"GRANT {privileges} ON {table} TO {login}")
                seen = EVERY if table in ORGANISATION else rows.replace("employee_id", "id", table == "employee")
                op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING ({seen}) WITH CHECK ({seen})")
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(logins)}")
        if function.startswith("look_"):
            op.execute(f"ALTER FUNCTION {function} OWNER TO vault_definer")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE vault_definer")
    for function in FUNCTIONS:
        if function.startswith("look_"):
            op.execute(f"DROP FUNCTION {function}")
    op.execute("SET LOCAL ROLE owner")
    for when in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER rollup_{when} ON segment")
    op.execute("DROP FUNCTION segment_rollup()")
    for role in (*LOGINS, "vault_definer", "web_session"):
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")
    for table, policy in (
        op.get_bind().exec_driver_sql("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'").all()
    ):
        op.execute(f"DROP POLICY {policy} ON {table}")
    for function in FUNCTIONS:
        if not function.startswith("look_"):
            op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP SCHEMA private CASCADE")
    op.execute("DROP SCHEMA pub")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
