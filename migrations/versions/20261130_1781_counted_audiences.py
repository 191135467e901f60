"""policies: nobody is hidden among people whom the directory alone speaks of"""

from alembic import op

revision = "20261130_1781"
down_revision = "20261130_1780"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# As a row of the directory anybody can be made up; for a device somebody has to have signed in.
SEEN = (
    "(NOT EXISTS (SELECT FROM directory_entry t WHERE t.employee_id = {id}) "
    "OR EXISTS (SELECT FROM device v WHERE v.employee_id = {id}))"
)
COUNTS = f"""
CREATE FUNCTION employee_counts(p_employee uuid) RETURNS bool LANGUAGE sql STABLE {HEAD} AS $$
    SELECT {SEEN.format(id="p_employee")}
$$;
REVOKE ALL ON FUNCTION employee_counts(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION employee_counts(uuid) TO worker;
"""
# function → what in it gives way to what; not called there, for a function is not looked into by the planner
CHANGED = {
    "audience_size_coarse(text[], text[], text[])": (
        "left_at IS NULL",
        f"left_at IS NULL AND {SEEN.format(id='employee.id')}",
    ),
    "audience_places()": ("e.left_at IS NULL", f"e.left_at IS NULL AND {SEEN.format(id='e.id')}"),
    "stop_people(uuid)": ("e.left_at IS NULL", f"e.left_at IS NULL AND {SEEN.format(id='e.id')}"),
}
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('{function}'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.execute(COUNTS)
    for function, (old, new) in CHANGED.items():
        op.execute(CHANGE.format(function=function, old=old, new=new))
    op.execute("DROP POLICY worker ON directory_entry")
    op.execute("REVOKE SELECT (employee_id) ON directory_entry FROM worker")


def downgrade() -> None:
    op.execute("GRANT SELECT (employee_id) ON directory_entry TO worker")
    op.execute("CREATE POLICY worker ON directory_entry TO worker USING (true) WITH CHECK (true)")
    for function, (old, new) in CHANGED.items():
        op.execute(CHANGE.format(function=function, old=new, new=old))
    op.execute("DROP FUNCTION employee_counts(uuid)")
