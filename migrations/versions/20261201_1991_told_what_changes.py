"""deciding: of a policy are told those for whom it changes something, when it does for them"""

from alembic import op

revision = "20261201_1991"
down_revision = "20261201_2021"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
PLACES = "p_policy uuid, p_wider bool, p_sites text[], p_departments text[], p_countries text[]"
BEFORE = "policy_tell(uuid, bool, text[], text[], text[])"
NOW = "policy_tell(uuid, bool, text[], text[], text[], jsonb)"
LOGINS = "web_officer, web_council"


def matches(sites: str, departments: str, countries: str) -> str:
    """Whether the employee `e` is in the audience."""
    pairs = (("site", sites), ("department", departments), ("country", countries))
    return " AND ".join(f"({axis} IS NULL OR e.{column} = ANY ({axis}))" for column, axis in pairs)


MATCHES = f"e.left_at IS NULL AND {matches('p_sites', 'p_departments', 'p_countries')}"
# p_others: closer policies that go on: whom they are for, and from when the new one holds for those (null: never).
OTHERS = f"""
LEFT JOIN LATERAL (
    SELECT true AS closer, o.begins
      FROM jsonb_to_recordset(p_others)
           AS o(sites text[], departments text[], countries text[], begins timestamptz)
     WHERE {matches("o.sites", "o.departments", "o.countries")}
     ORDER BY o.begins DESC NULLS FIRST LIMIT 1) c ON true
"""


def tell(parameters: str, join: str, params: str, who: str) -> str:
    """The function that tells."""
    return f"""
CREATE FUNCTION policy_tell({parameters})
RETURNS bigint LANGUAGE plpgsql {HEAD} AS $$
DECLARE
    told policy;
    people bigint;
BEGIN
    SELECT * INTO told FROM policy WHERE id = p_policy AND published_at = transaction_timestamp();
    IF NOT FOUND OR actor_id() IS NULL THEN
        RAISE EXCEPTION 'only what is published now is told' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO notification (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), e.id, 'policy_published', 'policy:' || told.version,
           jsonb_build_object('version', told.version, {params})
      FROM employee e {join} WHERE {who}
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS people = ROW_COUNT;
    INSERT INTO outbox (id, employee_id, kind, reference, params)
    SELECT gen_random_uuid(), e.id, 'policy_published', 'policy:' || told.version,
           jsonb_build_object('version', told.version)
      FROM employee e {join} WHERE {who}
        ON CONFLICT DO NOTHING;
    RETURN people;
END $$;
"""


CHANGED = tell(
    f"{PLACES}, p_others jsonb DEFAULT '[]'",
    OTHERS,
    "'wider', p_wider, 'begins', to_jsonb(coalesce(c.begins, told.not_before))",
    f"{MATCHES} AND (c.closer IS NULL OR c.begins IS NOT NULL)",
)
FORMER = tell(PLACES, "", "'wider', p_wider, 'begins', to_jsonb(told.not_before)", MATCHES)


def put(gone: str, function: str, name: str) -> None:
    """The one in the place of the other."""
    op.execute(f"DROP FUNCTION {gone}")
    op.execute(function)
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {LOGINS}")


def upgrade() -> None:
    put(BEFORE, CHANGED, NOW)


def downgrade() -> None:
    put(NOW, FORMER, BEFORE)
