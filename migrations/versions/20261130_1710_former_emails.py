"""identity: the addresses that somebody had before"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261130_1710"
down_revision = "20261130_1700"
branch_labels = None
depends_on = None

# Whoever writes the row: rows in other stores stand under the address of their day. An erasure, which empties the
# subject, too, leaves none.
KEPT = """
CREATE FUNCTION employee_email_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.former_emails := array_remove(array_remove(OLD.former_emails, lower(OLD.email)) || lower(OLD.email), lower(NEW.email));
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION employee_email_changed() FROM PUBLIC;
CREATE TRIGGER email_changed BEFORE UPDATE OF email ON employee FOR EACH ROW
    WHEN (OLD.email IS NOT NULL AND OLD.subject = NEW.subject AND lower(OLD.email) IS DISTINCT FROM lower(NEW.email))
    EXECUTE FUNCTION employee_email_changed();
"""
PERSON = (
    "SELECT id, issuer, subject, name, email, site,",
    "SELECT id, issuer, subject, name, email, former_emails, site,",
)
READERS = ("worker", "vault_definer", "web_directory")
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
    op.add_column(
        "employee",
        sa.Column(
            "former_emails",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="personal: whole-person erasure",
        ),
    )
    op.create_index("ix_employee_former_emails", "employee", ["former_emails"], postgresql_using="gin")
    op.create_index("ix_employee_email", "employee", [sa.text("lower(email)")])
    for login in READERS:
        op.execute(f"GRANT SELECT (former_emails) ON employee TO {login}")
    op.execute(KEPT)
    _export(*PERSON)


def downgrade() -> None:
    _export(*reversed(PERSON))
    op.execute("DROP TRIGGER email_changed ON employee")
    op.execute("DROP FUNCTION employee_email_changed()")
    op.drop_index("ix_employee_email", "employee")
    op.drop_column("employee", "former_emails")
