"""moved: the notice of a move keeps where the person was before, and the gateway reads it: what is wider waits for it"""

from alembic import op

revision = "20261201_1982"
down_revision = "20261201_1981"
branch_labels = None
depends_on = None

OLD = "CASE WHEN what = 'moved' THEN site_to_tell(NEW.id, OLD.site, NEW.site) ELSE '{}' END"
NEW = """CASE WHEN what = 'moved' THEN site_to_tell(NEW.id, OLD.site, NEW.site) || jsonb_build_object(
                'from', jsonb_build_array(OLD.site, OLD.department, OLD.country)) ELSE '{}' END"""
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('employee_moved()'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
READ = "SELECT (employee_id, kind, params, created_at)"


def upgrade() -> None:
    op.execute(CHANGE.format(old=OLD, new=NEW))
    op.execute(f"GRANT {READ} ON notification TO gateway")
    op.execute("CREATE POLICY gateway ON notification TO gateway USING (kind = 'moved') WITH CHECK (kind = 'moved')")


def downgrade() -> None:
    op.execute("DROP POLICY gateway ON notification")
    op.execute(f"REVOKE {READ} ON notification FROM gateway")
    op.execute(CHANGE.format(old=NEW, new=OLD))
