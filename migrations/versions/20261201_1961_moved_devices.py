"""moved: who works at another site now is told which devices of theirs have to be told so, where councils of sites decide"""

from alembic import op

revision = "20261201_1961"
down_revision = "20261201_1960"
branch_labels = None
depends_on = None

OLD = "what || ':' || gen_random_uuid(), '{}');"
NEW = """what || ':' || gen_random_uuid(), CASE WHEN what = 'moved' THEN site_to_tell(NEW.id, OLD.site, NEW.site) ELSE '{}' END);"""
# A device believes no server about where it is, so that only its person can say it. Without councils of sites it does not matter.
TELL = """
CREATE FUNCTION site_to_tell(p_person uuid, p_old text, p_new text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH devices AS (
        SELECT jsonb_agg(name ORDER BY added_at, id) AS names FROM device
         WHERE employee_id = p_person AND kind = 'collector' AND removed_at IS NULL
    ), trust AS (
        SELECT convert_from(decode(envelope::jsonb->>'payload', 'base64'), 'UTF8')::jsonb AS document
          FROM trust_document ORDER BY version DESC LIMIT 1
    )
    SELECT coalesce((
        SELECT jsonb_build_object('site', p_new, 'devices', d.names) FROM devices d CROSS JOIN trust t
         WHERE p_new IS NOT NULL AND p_new IS DISTINCT FROM p_old AND d.names IS NOT NULL
           AND EXISTS (SELECT FROM jsonb_array_elements(t.document->'keys') k WHERE k->>'site' IS NOT NULL)), '{}')
$$;
REVOKE ALL ON FUNCTION site_to_tell(uuid, text, text) FROM PUBLIC;
"""
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('employee_moved()'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def upgrade() -> None:
    op.execute(TELL)
    op.execute(CHANGE.format(old=OLD, new=NEW))


def downgrade() -> None:
    op.execute(CHANGE.format(old=NEW, new=OLD))
    op.execute("DROP FUNCTION site_to_tell(uuid, text, text)")
