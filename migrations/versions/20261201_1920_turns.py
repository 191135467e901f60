"""turns: what is locked over a person has a number that nobody can tell from outside, and only who needs it may lock it"""

from alembic import op

revision = "20261201_1920"
down_revision = "20261201_1915"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# An upload holds its person's lock for a moment. With a number that anybody can reckon, that tells whose device is sending,
# and so whose is not; and whoever may take the lock holds that device up. A turn of an employee's own login, or of somebody
# acting for them, is a turn of that one person's, whatever the text says.
TURNS = f"""
CREATE FUNCTION turn_number(p_what text) RETURNS bigint LANGUAGE sql STABLE {HEAD} AS $$
    SELECT ('x' || left(actor_mac(p_what), 16))::bit(64)::bigint
$$;
CREATE FUNCTION take_turn(p_what text) RETURNS void LANGUAGE sql {HEAD} AS $$
    SELECT pg_advisory_xact_lock(turn_number(CASE
        WHEN session_user IN ('web_employee', 'web_delegate') THEN concat('own turn|', actor_id(), '|', p_what)
        ELSE 'turn|' || p_what END))
$$;
CREATE FUNCTION person_turn(p_person uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    SELECT pg_advisory_xact_lock(turn_number('person|' || CASE WHEN session_user = 'web_employee' THEN actor_id() ELSE p_person END))
$$;
CREATE FUNCTION person_turns(p_people uuid[]) RETURNS void LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT DISTINCT turn_number('person|' || p) FROM unnest(p_people) p ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock_shared(one);
    END LOOP;
END $$;
"""
CALLERS = {
    "turn_number(text)": "",
    "take_turn(text)": "web_employee, web_delegate, web_hr, web_council, web_officer, worker",
    "person_turn(uuid)": "web_employee, worker",
    "person_turns(uuid[])": "gateway",
}


def upgrade() -> None:
    op.execute(TURNS)
    for function, logins in CALLERS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        if logins:
            op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")


def downgrade() -> None:
    for function in reversed(CALLERS):
        op.execute(f"DROP FUNCTION {function}")
