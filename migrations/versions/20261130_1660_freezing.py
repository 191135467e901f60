"""freezing: a step says whether it erases, freezes or thaws, since when its rows are frozen, and how many lie apart"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1660"
down_revision = "20261129_1650"
branch_labels = None
depends_on = None

ACTIONS = ("erase", "freeze", "thaw")
TOLD = "reason, deleted, held, remaining, pending_since, logical_at"
TOLD_NOW = "action, reason, deleted, held, remaining, apart_rows, frozen_at, pending_since, logical_at"
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
    op.add_column("request_step", sa.Column("action", sa.String(length=32), server_default="erase", nullable=False))
    op.add_column("request_step", sa.Column("apart_rows", sa.BigInteger(), nullable=True))
    op.add_column("request_step", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
    listed = ", ".join(f"'{one}'" for one in ACTIONS)
    op.create_check_constraint(op.f("ck_request_step_action"), "request_step", f"action IN ({listed})")
    _export(TOLD, TOLD_NOW)


def downgrade() -> None:
    _export(TOLD_NOW, TOLD)
    op.drop_constraint(op.f("ck_request_step_action"), "request_step")
    op.drop_column("request_step", "frozen_at")
    op.drop_column("request_step", "apart_rows")
    op.drop_column("request_step", "action")
