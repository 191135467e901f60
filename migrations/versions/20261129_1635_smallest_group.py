"""smallest group: how few people a published number may stand for, proposed and signed by the works council"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1635"
down_revision = "20261129_1630"
branch_labels = None
depends_on = None

HEAD = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
OPEN = "signed_at IS NULL AND withdrawn_at IS NULL"
SIGNED = "signed_at IS NULL OR (envelope IS NOT NULL AND withdrawn_at IS NULL)"
GRANTS = {
    "web_council": "SELECT, INSERT (id, number, people, starts, document), UPDATE (envelope, trust_version, signed_at, withdrawn_at)",
    "worker": "SELECT (number, people, envelope, trust_version, signed_at)",
    **dict.fromkeys(("web_employee", "web_officer"), "SELECT"),
}
# A signature counts for good: what was signed or withdrawn never changes, whatever a web process is told to do.
KEPT = f"""
CREATE FUNCTION smallest_group_kept() RETURNS trigger LANGUAGE plpgsql {HEAD} AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'this is signed, or withdrawn, and stays as it is' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER smallest_group_kept BEFORE UPDATE ON smallest_group FOR EACH ROW EXECUTE FUNCTION smallest_group_kept();
"""


def upgrade() -> None:
    op.create_table(
        "smallest_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=True),
        sa.Column("trust_version", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("people >= 8", name=op.f("ck_smallest_group_floor")),
        sa.CheckConstraint(SIGNED, name=op.f("ck_smallest_group_signed")),
        sa.CheckConstraint("(signed_at IS NULL) = (trust_version IS NULL)", name=op.f("ck_smallest_group_trust")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smallest_group")),
        sa.UniqueConstraint("number", name=op.f("uq_smallest_group_number")),
    )
    op.create_index(
        "ix_smallest_group_open", "smallest_group", [sa.literal_column("(true)")], unique=True,
        postgresql_where=sa.text(OPEN),
    )  # fmt: skip
    op.execute("ALTER TABLE smallest_group ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON smallest_group TO owner USING (true) WITH CHECK (true)")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON smallest_group TO {login}")
        op.execute(f"CREATE POLICY {login} ON smallest_group TO {login} USING (true) WITH CHECK (true)")
    op.execute(KEPT)
    op.execute("REVOKE ALL ON FUNCTION smallest_group_kept() FROM PUBLIC")


def downgrade() -> None:
    op.drop_table("smallest_group")
    op.execute("DROP FUNCTION smallest_group_kept()")
