"""stops: figures are of devices, so the ten of whom they may tell are people with a collector"""

from alembic import op

revision = "20261201_1921"
down_revision = "20261201_1920"
branch_labels = None
depends_on = None

# Of ten people of whom one has a collector the figures are that one's: "no device had a permit" says that they had paused.
# A collector that nobody has seen for a month hides nobody.
SEEN = (
    "(NOT EXISTS (SELECT FROM directory_entry t WHERE t.employee_id = e.id) "
    "OR EXISTS (SELECT FROM device v WHERE v.employee_id = e.id))"
)
COLLECTS = (
    "EXISTS (SELECT FROM device v WHERE v.employee_id = e.id AND v.kind = 'collector' AND v.removed_at IS NULL "
    "AND v.last_seen_at > now() - interval '30 days')"
)
FITS = " AND ".join(
    f"(s.{axis} IS NULL OR e.{place} = ANY (s.{axis}))"
    for axis, place in (("sites", "site"), ("departments", "department"), ("countries", "country"))
)
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('stop_is_told()'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.execute(CHANGE.format(old=SEEN, new=COLLECTS))
    op.execute(
        "UPDATE stop s SET told = false WHERE told AND 10 > "
        f"(SELECT count(*) FROM employee e WHERE e.left_at IS NULL AND {COLLECTS} AND {FITS})"
    )


def downgrade() -> None:
    op.execute(CHANGE.format(old=COLLECTS, new=SEEN))
