"""smallest group: the database says by which trust document a number was signed"""

from alembic import op

revision = "20261130_1811"
down_revision = "20261130_1810"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# That document says whose keys count and how many. A desk that could write it could go back to older keys, or fewer.
NEWEST = f"""
CREATE FUNCTION smallest_group_trusts() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    NEW.trust_version := (SELECT max(version) FROM trust_document);
    RETURN NEW;
END $$;
CREATE TRIGGER smallest_group_trusts BEFORE UPDATE OF trust_version ON smallest_group FOR EACH ROW
    WHEN (session_user = 'web_council' AND NEW.trust_version IS NOT NULL) EXECUTE FUNCTION smallest_group_trusts();
REVOKE ALL ON FUNCTION smallest_group_trusts() FROM PUBLIC;
"""


def upgrade() -> None:
    op.execute(NEWEST)


def downgrade() -> None:
    op.execute("DROP TRIGGER smallest_group_trusts ON smallest_group")
    op.execute("DROP FUNCTION smallest_group_trusts()")
