"""wakes: what changed is told the gateways under names that only they and the schema know, since every login may LISTEN"""

from alembic import op

revision = "20261201_1932"
down_revision = "20261201_1931"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# LISTEN takes no privilege. Whoever does not know the name of a channel hears nothing of it: when somebody pauses, no
# other login learns that there was a pause in this moment.
WAKES = f"""
CREATE FUNCTION wake_channel(p_what text) RETURNS text LANGUAGE sql STABLE {HEAD} AS $$
    SELECT 'wake_' || left(actor_mac('channel|' || p_what), 48)
$$;
CREATE FUNCTION wake_gateways(p_what text, p_row uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    SELECT pg_notify(wake_channel(p_what), p_row::text)
$$;
"""
CALLERS = {
    "wake_channel(text)": "gateway",
    "wake_gateways(text, uuid)": "gateway, web_employee, web_council, web_officer, worker",
}
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('employee_moved()'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
TOLD = "pg_notify('device', d.id::text)"
WOKEN = "wake_gateways('device', d.id)"


def upgrade() -> None:
    op.execute(WAKES)
    for function, logins in CALLERS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {logins}")
    op.execute(CHANGE.format(old=TOLD, new=WOKEN))


def downgrade() -> None:
    op.execute(CHANGE.format(old=WOKEN, new=TOLD))
    op.execute("DROP FUNCTION wake_gateways(text, uuid)")
    op.execute("DROP FUNCTION wake_channel(text)")
