"""names of others: whoever gave or did a task, or acts for somebody, loses the name there, and it is counted

Also: a task that is done keeps that it is, though the words that prove it go with the person of the request.
"""

from alembic import op

revision = "20261130_1840"
down_revision = "20261130_1830"
branch_labels = None
depends_on = None

RULE = "personal: whole-person erasure"
# Table, column → what deletes it: before, after.
RULES: dict[tuple[str, str], tuple[str | None, str]] = {
    ("delegation", "delegate_name"): (RULE, f"{RULE} of delegate_id"),
    ("store_task", "given_name"): (None, f"{RULE} of given_by"),
    ("store_task", "done_name"): (None, f"{RULE} of done_by"),
    ("store_task", "owner"): (None, RULE),
}
PROOF = {
    "before": "(done_at IS NULL) = (proof = '')",
    "after": "done_at IS NOT NULL OR proof = ''",
}
# Whom HR asked is written in words. As long as the person has a name, these words can be found by it.
NAMED = """
    called := ARRAY(SELECT lower(word) FROM employee e, unnest(e.former_emails || ARRAY[e.name, e.email]) AS word
                    WHERE e.id = person AND word <> '');
    UPDATE store_task SET owner = '' WHERE EXISTS (SELECT FROM unnest(called) AS word WHERE position(word IN lower(owner)) > 0);
    UPDATE request_event SET params = params - 'owner'
     WHERE EXISTS (SELECT FROM unnest(called) AS word WHERE position(word IN lower(params ->> 'owner')) > 0);
"""
NAMES_LEFT = """
    FOR place IN
        SELECT c.relname::text AS name, a.attname::text AS words, substr(d.description, length('personal: whole-person erasure of ') + 1) AS who
          FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
         WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
           AND d.description LIKE 'personal: whole-person erasure of %'
    LOOP
        EXECUTE format('SELECT count(*) FROM public.%I WHERE %I = $1 AND %I::text <> ''''', place.name, place.who, place.words)
           INTO found USING p_person;
        total := total + found;
    END LOOP;
"""
FUNCTIONS = """
CREATE OR REPLACE FUNCTION person_remains(p_person uuid, p_request uuid) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
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
#NAMES_LEFT#
    SELECT count(*) INTO found FROM employee WHERE id = p_person AND subject <> 'erased ' || id;
    total := total + found;
    SELECT count(*) INTO found FROM audit_entry WHERE employee_id = p_person;
    RETURN total + found;
END $$;
CREATE OR REPLACE FUNCTION erase_person(p_step uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    person uuid;
    asked uuid;
    place record;
    entries bigint[];
    waiting bigint;
    called text[];
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
#NAMED#
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
"""


def upgrade() -> None:
    for (table, column), (_, after) in RULES.items():
        _says(table, column, after)
    _proof("after")
    _functions(NAMED, NAMES_LEFT)


def downgrade() -> None:
    _functions("", "")
    op.execute("UPDATE store_task SET proof = '?' WHERE done_at IS NOT NULL AND proof = ''")
    _proof("before")
    for (table, column), (before, _) in RULES.items():
        _says(table, column, before)


def _says(table: str, column: str, rule: str | None) -> None:
    op.execute(f"COMMENT ON COLUMN {table}.{column} IS " + ("NULL" if rule is None else f"'{rule}'"))


def _proof(which: str) -> None:
    op.execute("ALTER TABLE store_task DROP CONSTRAINT ck_store_task_proof")
    op.execute(f"ALTER TABLE store_task ADD CONSTRAINT ck_store_task_proof CHECK ({PROOF[which]})")


def _functions(named: str, left: str) -> None:
    op.execute(FUNCTIONS.replace("#NAMED#\n", named.lstrip("\n")).replace("#NAMES_LEFT#\n", left.lstrip("\n")))
