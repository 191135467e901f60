"""exports: a deletion by oneself says how many of its items a hold kept"""

from alembic import op

revision = "20261201_1941"
down_revision = "20261201_1940"
branch_labels = None
depends_on = None

TOLD = "items, undone_at, done_at FROM erasure"
TOLD_NOW = "items, held, undone_at, done_at FROM erasure"
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    _export(TOLD, TOLD_NOW)


def downgrade() -> None:
    _export(TOLD_NOW, TOLD)
