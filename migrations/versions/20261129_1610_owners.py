"""owners: who answers for a store and is told when deletions there do not get on; mails to addresses without an account"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1610"
down_revision = "20261129_1605"
branch_labels = None
depends_on = None

ALL = "SELECT, INSERT, UPDATE, DELETE"
GRANTS = {"worker": ALL, "web_officer": "SELECT, INSERT, DELETE, UPDATE (address, owner_id, set_at, told_at)"}


def upgrade() -> None:
    op.create_table(
        "source_owner",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True, comment="personal: whole-person erasure of owner_id"),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_owner_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_owner")),
    )
    op.execute("ALTER TABLE source_owner ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON source_owner TO owner USING (true) WITH CHECK (true)")
    for login, privileges in GRANTS.items():
        op.execute(f"GRANT {privileges} ON source_owner TO {login}")
        op.execute(f"CREATE POLICY {login} ON source_owner TO {login} USING (true) WITH CHECK (true)")
    op.alter_column("outbox", "employee_id", nullable=True)
    op.add_column(
        "outbox", sa.Column("address", sa.Text(), nullable=True, comment="personal: deleted 30 days after it was sent")
    )
    op.create_check_constraint(op.f("ck_outbox_to"), "outbox", "(employee_id IS NULL) <> (address IS NULL)")
    op.create_index(op.f("ix_outbox_address_reference"), "outbox", ["address", "reference"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_address_reference"), table_name="outbox")
    op.execute("DELETE FROM outbox WHERE employee_id IS NULL")
    op.drop_constraint(op.f("ck_outbox_to"), "outbox")
    op.drop_column("outbox", "address")
    op.alter_column("outbox", "employee_id", nullable=False)
    op.drop_table("source_owner")
