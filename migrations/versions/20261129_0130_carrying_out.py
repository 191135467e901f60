"""carrying out: rounds, tombstones of people, erased salts, another credential that looks"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_0130"
down_revision = "20261129_0120"
branch_labels = None
depends_on = None

HEADER = (
    "employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts, sensitivity, categories, "
    "policy, policy_version, lease_id, key_id, size, received_at, erasure_id"
)
# Who looks after a deletion reads what the pages read, and which holds there are; never why, never a body.
READBACK = {
    "segment": f"SELECT ({HEADER})",
    "employee_day": "SELECT",
    "legal_hold": "SELECT (employee_id, starts_at, ends_at, kinds, contexts, segment_id, expires_at, released_at)",
    "installation": "SELECT",
}
WORKER = (
    "UPDATE (kind, context, started_at, ended_at) ON upload",
    "UPDATE (reopened_at) ON legal_hold",
    "UPDATE (proof) ON receipt",
    "SELECT (id, employee_id, kms_epoch), DELETE ON employee_key",
    "SELECT (id) ON look",
)
LOGINS = "web_session, web_employee, web_delegate, web_hr, web_council, web_officer, gateway, vault, worker, readback"

# Driven by the catalogue: a table with an employee column that somebody adds tomorrow is emptied, too, and a column
# whose comment says "personal: whole-person erasure of <id column>" is blanked where that id is the person's. What
# stays of the request that asked for it, without a word in it, is the proof.
ERASE_PERSON = """
CREATE FUNCTION person_tables() RETURNS TABLE (name text, proof text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.relname::text,
           CASE WHEN c.relname = 'request' THEN 'id'
                WHEN c.relname <> 'request_count'  -- how much there was is nobody's proof
                     AND EXISTS (SELECT FROM pg_attribute r WHERE r.attrelid = c.oid AND r.attname = 'request_id') THEN 'request_id'
           END
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'employee_id' AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT IN ('audit_entry', 'tombstone')
     ORDER BY 1;
$$;
CREATE FUNCTION person_remains(p_person uuid, p_request uuid) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place record;
    found bigint;
    total bigint := 0;
BEGIN
    FOR place IN SELECT * FROM person_tables() LOOP
        EXECUTE format('SELECT count(*) FROM public.%I WHERE employee_id = $1', place.name)
                || CASE WHEN place.proof IS NULL THEN '' ELSE format(' AND %I <> $2', place.proof) END INTO found USING p_person, p_request;
        total := total + found;
    END LOOP;
    SELECT count(*) INTO found FROM employee WHERE id = p_person AND subject <> 'erased ' || id;
    total := total + found;
    SELECT count(*) INTO found FROM audit_entry WHERE employee_id = p_person;
    RETURN total + found;
END $$;
CREATE FUNCTION erase_columns(p_table text, p_id_column text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    blanks text;
BEGIN
    SELECT string_agg(format('%I = %s', a.attname, CASE
               WHEN NOT a.attnotnull THEN 'NULL' WHEN a.atttypid = 'text[]'::regtype THEN quote_literal('{}')
               WHEN a.atttypid = 'jsonb'::regtype THEN quote_literal('{}') ELSE quote_literal('') END), ', ')
      INTO blanks
      FROM pg_attribute a
     WHERE a.attrelid = format('public.%I', p_table)::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND a.atttypid = ANY ('{text,text[],jsonb,timestamptz}'::regtype[]) AND a.attname <> 'chosen'
       AND col_description(a.attrelid, a.attnum) IN
           ('personal: whole-person erasure', 'personal: whole-person erasure of ' || p_id_column);
    IF blanks IS NOT NULL THEN
        EXECUTE format('UPDATE public.%I SET %s WHERE %I = $1', p_table, blanks, p_id_column) USING p_id;
    END IF;
END $$;
CREATE FUNCTION erase_person(p_step uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    person uuid;
    asked uuid;
    place record;
    entries bigint[];
    waiting bigint;
BEGIN
    SELECT s.employee_id, s.request_id INTO person, asked FROM request_step s
     WHERE s.id = p_step AND s.state = 'running' AND s.dataset_id IS NULL AND (s.chosen ->> 'whole_person')::bool
       AND EXISTS (SELECT FROM tombstone t WHERE t.id = s.id AND t.whole_person) FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no running step erases a whole person' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR place IN SELECT * FROM person_tables() LOOP
        EXECUTE format('DELETE FROM public.%I WHERE employee_id = $1', place.name)
                || CASE WHEN place.proof IS NULL THEN '' ELSE format(' AND %I <> $2', place.proof) END USING person, asked;
        IF place.proof IS NOT NULL THEN
            PERFORM erase_columns(place.name, place.proof, asked);
        END IF;
    END LOOP;
    FOR place IN
        SELECT DISTINCT c.relname::text AS name, substr(d.description, length('personal: whole-person erasure of ') + 1) AS who
          FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
         WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
           AND d.description LIKE 'personal: whole-person erasure of %'
    LOOP
        PERFORM erase_others_words(place.name, place.who, person);
    END LOOP;
    DELETE FROM tombstone WHERE employee_id = person AND id <> p_step;  -- this one covers all of them
    PERFORM erase_columns('employee', 'id', person);
    UPDATE employee SET subject = 'erased ' || id, timezone = 'UTC', left_at = coalesce(left_at, now()) WHERE id = person;
    SELECT coalesce(array_agg(e.id ORDER BY e.id), '{}') INTO entries FROM audit_entry e
      JOIN log_leaf l ON l.entry_id = e.id
     WHERE (e.employee_id = person OR e.actor_id = person AND e.employee_id IS NULL) AND e.salt IS NOT NULL;
    UPDATE audit_entry SET salt = NULL, actor_id = NULL, employee_id = NULL, detail = '{}' WHERE id = ANY (entries);
    INSERT INTO audit_entry (actor_role, action, object_id, detail)
    SELECT 'worker', 'log.erased', asked, jsonb_build_object('entries', jsonb_agg(id ORDER BY id))
      FROM unnest(entries) WITH ORDINALITY AS e (id, place) GROUP BY (e.place - 1) / 5000;
    SELECT count(*) INTO waiting FROM audit_entry
     WHERE (employee_id = person OR actor_id = person AND employee_id IS NULL) AND salt IS NOT NULL;
    RETURN waiting;
END $$;
CREATE FUNCTION erase_others_words(p_table text, p_id_column text, p_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    blanks text;
BEGIN
    SELECT string_agg(format('%I = %s', a.attname, CASE WHEN a.attnotnull THEN quote_literal('') ELSE 'NULL' END), ', ')
      INTO blanks
      FROM pg_attribute a
     WHERE a.attrelid = format('public.%I', p_table)::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND col_description(a.attrelid, a.attnum) = 'personal: whole-person erasure of ' || p_id_column;
    EXECUTE format('UPDATE public.%I SET %s WHERE %I = $1', p_table, blanks, p_id_column) USING p_id;
END $$;
CREATE FUNCTION log_size() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(max(size), 0) FROM log_head;
$$;
"""
# A look is an entry of the log from the transaction that begins it: who deletes the row later is found.
LOOKS = """
CREATE FUNCTION look_is_logged() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
    SELECT reader_id, CASE WHEN reader_id = employee_id THEN 'employee' ELSE 'reader' END, 'look.begun', id, employee_id,
           jsonb_build_object('kind', kind, 'purpose', purpose, 'items', cardinality(segment_ids))
      FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER look_is_logged AFTER INSERT ON look REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION look_is_logged();
"""
FUNCTIONS = {
    "erase_person(uuid)": "worker",
    "person_remains(uuid, uuid)": "readback",
    "log_size()": LOGINS,
    "person_tables()": None,
    "erase_columns(text, text, uuid)": None,
    "erase_others_words(text, text, uuid)": None,
    "look_is_logged()": None,
}
WORDS_OF = {
    ("look", "reader_name"): "reader_id",
    ("look", "reader_unit"): "reader_id",
    ("request", "assigned_name"): "assigned_to",
    ("request_event", "actor_name"): "actor_id",
    ("request_decision", "proposed_name"): "proposed_by",
    ("request_decision", "confirmed_name"): "confirmed_by",
}
BEFORE = "personal: whole-person erasure"


def upgrade() -> None:
    op.add_column("request_step", sa.Column("round", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("request_step", sa.Column("apart", sa.Boolean(), nullable=True))
    op.add_column("request_step", sa.Column("key_epoch", sa.BigInteger(), nullable=True))
    op.drop_index("uq_request_step_store", table_name="request_step")
    op.create_index(
        "uq_request_step_store",
        "request_step",
        ["request_id", "dataset_id", "round"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("legal_hold", sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tombstone", sa.Column("whole_person", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("COMMENT ON COLUMN tombstone.employee_id IS 'personal: deleted when no backup is older'")
    op.add_column("receipt", sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.alter_column("audit_entry", "salt", nullable=True)
    for (table, column), who in WORDS_OF.items():
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{BEFORE} of {who}'")
    op.execute(ERASE_PERSON)
    op.execute(LOOKS)
    for function, logins in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")
    for grant in WORKER:
        op.execute(f"GRANT {grant} TO worker")
    op.execute("CREATE POLICY worker ON employee_key TO worker USING (true) WITH CHECK (true)")
    op.execute("CREATE POLICY worker ON look TO worker USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT (id, state, key_epoch) ON request_step TO vault")
    op.execute("CREATE POLICY vault ON request_step TO vault USING (true) WITH CHECK (true)")
    op.execute("GRANT USAGE ON SCHEMA public TO readback")
    for table, privileges in READBACK.items():
        op.execute(f"GRANT {privileges} ON {table} TO readback")
        op.execute(f"CREATE POLICY readback ON {table} TO readback USING (true) WITH CHECK (true)")


def downgrade() -> None:
    for table, privileges in READBACK.items():
        op.execute(f"DROP POLICY readback ON {table}")
        op.execute(f"REVOKE {privileges} ON {table} FROM readback")
    op.execute("REVOKE USAGE ON SCHEMA public FROM readback")
    op.execute("DROP POLICY vault ON request_step")
    op.execute("REVOKE SELECT (id, state, key_epoch) ON request_step FROM vault")
    op.execute("DROP POLICY worker ON look")
    op.execute("DROP POLICY worker ON employee_key")
    for grant in WORKER:
        op.execute(f"REVOKE {grant} FROM worker")
    op.execute("DROP TRIGGER look_is_logged ON look")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table, column in WORDS_OF:
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{BEFORE}'")
    op.alter_column("audit_entry", "salt", nullable=False)
    op.drop_column("receipt", "proof")
    op.execute(f"COMMENT ON COLUMN tombstone.employee_id IS '{BEFORE}'")
    op.drop_column("tombstone", "whole_person")
    op.drop_column("legal_hold", "reopened_at")
    op.drop_index("uq_request_step_store", table_name="request_step")
    op.create_index(
        "uq_request_step_store",
        "request_step",
        ["request_id", "dataset_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.drop_column("request_step", "key_epoch")
    op.drop_column("request_step", "apart")
    op.drop_column("request_step", "round")
