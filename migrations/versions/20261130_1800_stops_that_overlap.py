"""stops: two that overlap tell no more of a few people than one does"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1800"
down_revision = "20261130_1781"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# As a row of the directory anybody can be made up; for a device somebody has to have signed in.
SEEN = (
    "(NOT EXISTS (SELECT FROM directory_entry t WHERE t.employee_id = e.id) "
    "OR EXISTS (SELECT FROM device v WHERE v.employee_id = e.id))"
)
FITS = " AND ".join(
    f"(s.{axis} IS NULL OR e.{place} = ANY (s.{axis}))"
    for axis, place in (("sites", "site"), ("departments", "department"), ("countries", "country"))
)
PEOPLE = f"""
CREATE FUNCTION stop_people(p_stop uuid) RETURNS bigint LANGUAGE sql STABLE {HEAD} AS $$
    SELECT count(*) FROM stop s JOIN employee e ON {FITS} WHERE s.id = p_stop AND e.left_at IS NULL AND {SEEN};
$$;
REVOKE ALL ON FUNCTION stop_people(uuid) FROM PUBLIC;
"""
# Whoever sees figures of two stops sees their difference, too. So a stop is laid over those of the month before, or still
# in force, of which figures are told: the people whom just the same of them concern are a group, and none may be of fewer
# than ten. Groups that have nothing to do with this stop do not matter.
TOLD = f"""
CREATE FUNCTION stop_is_told() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    WITH near AS (
        SELECT o.number, o.sites, o.departments, o.countries FROM stop o
         WHERE o.told AND coalesce(o.resumed_at, 'infinity') > now() - interval '30 days'
         UNION ALL SELECT NEW.number, NEW.sites, NEW.departments, NEW.countries
    ), place AS (
        SELECT e.site, e.department, e.country, count(*) AS people FROM employee e
         WHERE e.left_at IS NULL AND {SEEN} GROUP BY 1, 2, 3
    ), alike AS (
        SELECT of.stops, sum(e.people) AS people
          FROM place e, LATERAL (SELECT array_agg(s.number ORDER BY s.number) AS stops FROM near s WHERE {FITS}) of
         WHERE of.stops IS NOT NULL GROUP BY of.stops
    )
    SELECT coalesce(min(a.people) >= 10, false) INTO NEW.told FROM alike a
     WHERE a.stops && (SELECT array_agg(n) FROM alike o, unnest(o.stops) n WHERE NEW.number = ANY (o.stops));
    RETURN NEW;
END $$;
CREATE TRIGGER stop_told BEFORE INSERT ON stop FOR EACH ROW EXECUTE FUNCTION stop_is_told();
"""
# function → what in it gives way to what
CHANGED = {
    "stop_effect(uuid)": (
        ("session_user = 'web_officer' AND stop_people(p_stop) >= 10", "session_user = 'web_officer'"),
        ("began timestamptz;", "began timestamptz;\n    tells bool;"),
        ("SELECT s.asked_at INTO began FROM stop s", "SELECT s.asked_at, s.told INTO began, tells FROM stop s"),
        ("NOT exact AND total < few", "NOT tells OR NOT exact AND total < few"),
    ),
    "stop_unreached(uuid,int)": (("stop_people(p_stop) >= 10", "(SELECT s.told FROM stop s WHERE s.id = p_stop)"),),
}
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('{function}'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.add_column("stop", sa.Column("told", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("UPDATE stop SET told = stop_people(id) >= 10")
    op.execute(TOLD)
    for function, changes in CHANGED.items():
        for old, new in changes:
            op.execute(CHANGE.format(function=function, old=old, new=new))
    op.execute("DROP FUNCTION stop_people(uuid)")


def downgrade() -> None:
    op.execute(PEOPLE)
    for function, changes in CHANGED.items():
        for old, new in reversed(changes):
            op.execute(CHANGE.format(function=function, old=new, new=old))
    op.execute("DROP TRIGGER stop_told ON stop")
    op.execute("DROP FUNCTION stop_is_told()")
    op.drop_column("stop", "told")
