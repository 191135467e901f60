"""stops: for departments and countries, too"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261130_1700"
down_revision = "20261130_1690"
branch_labels = None
depends_on = None

AXES = ("departments", "countries")
ADDED = ", ".join(AXES)
GRANTS = {
    "web_employee": f"SELECT ({ADDED})",
    "web_officer": f"INSERT ({ADDED})",
    "web_council": f"INSERT ({ADDED})",
    "gateway": f"SELECT ({ADDED})",
}
HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
PLACES = {
    "before": ("'sites', NEW.sites", "(s.sites IS NULL) OR (e.site = ANY (s.sites))"),
    "after": (
        "'sites', NEW.sites, 'departments', NEW.departments, 'countries', NEW.countries",
        " AND ".join(
            f"(s.{axis} IS NULL OR e.{place} = ANY (s.{axis}))"
            for axis, place in (("sites", "site"), ("departments", "department"), ("countries", "country"))
        ),
    ),
}
# Of an audience of a few nobody gets a number: "no device had a permit" would say of one person that they had paused.
PEOPLE = f"""
CREATE FUNCTION stop_people(p_stop uuid) RETURNS bigint LANGUAGE sql STABLE {HEAD} AS $$
    SELECT count(*) FROM stop s JOIN employee e ON {PLACES["after"][1]} WHERE s.id = p_stop AND e.left_at IS NULL;
$$;
REVOKE ALL ON FUNCTION stop_people(uuid) FROM PUBLIC;
"""
EXACT = {
    "stop_effect(uuid)": ("session_user = 'web_officer'", "session_user = 'web_officer' AND stop_people(p_stop) >= 10"),
    "stop_unreached(uuid,int)": ("WHERE c.stop_id = p_stop", "WHERE c.stop_id = p_stop AND stop_people(p_stop) >= 10"),
}
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('{function}'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
SITES = f"""
CREATE FUNCTION stop_sites() RETURNS TABLE (site text) LANGUAGE sql STABLE {HEAD} AS $$
    SELECT e.site FROM employee e WHERE e.left_at IS NULL AND e.site IS NOT NULL GROUP BY e.site HAVING count(*) >= 10 ORDER BY 1;
$$;
REVOKE ALL ON FUNCTION stop_sites() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stop_sites() TO web_officer, web_council;
"""


def upgrade() -> None:
    for axis in AXES:
        op.add_column("stop", sa.Column(axis, postgresql.ARRAY(sa.Text()), nullable=True))
        op.create_check_constraint(op.f(f"ck_stop_{axis}"), "stop", f"cardinality({axis}) > 0")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON stop TO {login}")
    _functions("after")
    op.execute(PEOPLE)
    for function, (old, new) in EXACT.items():
        op.execute(CHANGE.format(function=function, old=old, new=new))
    op.execute("DROP FUNCTION stop_sites()")
    op.execute("GRANT EXECUTE ON FUNCTION audience_places() TO web_council")


def downgrade() -> None:
    op.execute("REVOKE EXECUTE ON FUNCTION audience_places() FROM web_council")
    op.execute(SITES)
    for function, (old, new) in EXACT.items():
        op.execute(CHANGE.format(function=function, old=new, new=old))
    op.execute("DROP FUNCTION stop_people(uuid)")
    _functions("before")
    for axis in reversed(AXES):
        op.drop_column("stop", axis)


def _functions(which: str) -> None:
    told, concerned = PLACES[which]
    op.execute(f"""
CREATE OR REPLACE FUNCTION stop_is_logged() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    INSERT INTO audit_entry (actor_id, actor_role, action, object_id, employee_id, detail)
    VALUES (actor_id(),
            CASE session_user WHEN 'web_officer' THEN 'privacy_officer' WHEN 'web_council' THEN 'works_council'
                 ELSE session_user END,
            CASE WHEN TG_OP = 'INSERT' THEN 'stop.begun' WHEN NEW.resumed_at IS NULL THEN 'stop.resume_signed'
                 ELSE 'stop.ended' END,
            NEW.id, NULL,
            jsonb_build_object('number', NEW.number, {told})
            || CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_object('reason', NEW.reason) ELSE '{{}}'::jsonb END);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION stop_note(p_stop uuid) RETURNS void LANGUAGE sql {HEAD} AS $$
    INSERT INTO stop_device (stop_id, device_id, employee_id, lease_until)
    SELECT s.id, d.id, d.employee_id, max(l.valid_until)
      FROM stop s
      JOIN employee e ON {concerned}
      JOIN device d ON d.employee_id = e.id AND d.kind = 'collector' AND d.removed_at IS NULL
      JOIN lease_span l ON l.employee_id = e.id AND l.valid_until > s.asked_at AND d.id = ANY (l.devices)
                       AND l.permitted <> '{{}}'::jsonb
     WHERE s.id = p_stop AND e.left_at IS NULL
     GROUP BY s.id, d.id, d.employee_id
        ON CONFLICT (stop_id, device_id) DO NOTHING;
$$;
""")
