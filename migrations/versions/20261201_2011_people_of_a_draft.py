"""policies: the council's login learns how many people a draft touches, not how many any places of its choice have"""

from alembic import op

revision = "20261201_2011"
down_revision = "20261201_1991"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# As a row of the directory anybody can be made up; for a device somebody has to have signed in.
SEEN = (
    "(NOT EXISTS (SELECT FROM directory_entry t WHERE t.employee_id = e.id) "
    "OR EXISTS (SELECT FROM device v WHERE v.employee_id = e.id))"
)
FOUND = """
 WHERE e.left_at IS NULL AND {seen}
   AND ({sites} IS NULL OR e.site = ANY ({sites})) AND ({departments} IS NULL OR e.department = ANY ({departments}))
   AND ({countries} IS NULL OR e.country = ANY ({countries}))
"""
AXES = ("sites", "departments", "countries")
# In whole tens: the difference of two drafts tells of no department.
NEW = f"""
CREATE FUNCTION draft_people(p_draft uuid) RETURNS bigint LANGUAGE sql STABLE {HEAD} AS $$
    SELECT CASE WHEN count(*) >= 10 THEN count(*) / 10 * 10 END
      FROM (SELECT {
    ", ".join(
        f"CASE WHEN a->'{axis}' <> 'null' THEN ARRAY(SELECT jsonb_array_elements_text(a->'{axis}')) END AS {axis}"
        for axis in AXES
    )
} FROM (SELECT content::jsonb->'audience' AS a FROM policy_draft
                WHERE id = p_draft AND submitted_at IS NOT NULL) d) w
     CROSS JOIN employee e {FOUND.format(seen=SEEN, **{axis: f"w.{axis}" for axis in AXES})}
$$;
REVOKE ALL ON FUNCTION draft_people(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION draft_people(uuid) TO web_council;
DROP FUNCTION audience_size_coarse(text[], text[], text[]);
"""
OLD = f"""
CREATE FUNCTION audience_size_coarse(p_sites text[], p_departments text[], p_countries text[]) RETURNS bigint
LANGUAGE sql STABLE {HEAD} AS $$
    SELECT CASE WHEN count(*) >= 10 THEN count(*) END FROM employee e
    {FOUND.format(seen=SEEN, **{axis: f"p_{axis}" for axis in AXES})}
$$;
REVOKE ALL ON FUNCTION audience_size_coarse(text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audience_size_coarse(text[], text[], text[]) TO web_council;
DROP FUNCTION draft_people(uuid);
"""


def upgrade() -> None:
    op.execute(NEW)


def downgrade() -> None:
    op.execute(OLD)
