"""keeping: a freeze in force is looked at again, since rows come after it"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1760"
down_revision = "20261130_1730"
branch_labels = None
depends_on = None

TOLD = "apart_rows, frozen_at, pending_since"
TOLD_NOW = "apart_rows, frozen_at, looked_at, pending_since"
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
IN_FORCE = """
UPDATE request_step SET look_at = now() WHERE action = 'freeze' AND state IN ('done', 'partial') AND NOT EXISTS (
    SELECT FROM request_step later WHERE later.request_id = request_step.request_id
    AND later.dataset_id IS NOT DISTINCT FROM request_step.dataset_id AND later.round > request_step.round
)
"""
"""Freezes that were carried out before anybody looked again."""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


def upgrade() -> None:
    op.add_column("request_step", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("request_step", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    due = sa.text("look_at IS NOT NULL")
    op.create_index("ix_request_step_look", "request_step", ["look_at"], unique=False, postgresql_where=due)
    op.execute(IN_FORCE)
    _export(TOLD, TOLD_NOW)


def downgrade() -> None:
    _export(TOLD_NOW, TOLD)
    op.drop_index("ix_request_step_look", table_name="request_step")
    op.drop_column("request_step", "looked_at")
    op.drop_column("request_step", "look_at")
