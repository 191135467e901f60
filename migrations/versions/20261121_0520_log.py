"""the log: leaves, nodes and checkpoints over the audit entries"""

from alembic import op
import sqlalchemy as sa

revision = "20261121_0520"
down_revision = "20261121_0410"
branch_labels = None
depends_on = None

# Only the worker makes the log; nobody changes what is in it. Verifying reads the same rows, as the same login.
GRANTS = {
    "log_pending": "SELECT, DELETE",
    "log_leaf": "SELECT, INSERT",
    "log_node": "SELECT, INSERT",
    "log_head": "SELECT, INSERT",
}
SALT = "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"

# The row commits with its entry: what is acknowledged is either waiting or in the log, whatever commits first.
WAIT = """
CREATE FUNCTION audit_entry_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    INSERT INTO log_pending (entry_id) SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_waits AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_waits();
"""


def upgrade() -> None:
    op.add_column(
        "audit_entry",
        sa.Column(
            "salt",
            sa.LargeBinary(),
            server_default=sa.text(SALT),
            nullable=False,
            comment="personal: whole-person erasure",
        ),
    )
    op.create_table(
        "log_pending",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_log_pending")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_log_leaf_entry_id")),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_head")),
        sa.UniqueConstraint("size", name=op.f("uq_log_head_size")),
    )
    op.execute("INSERT INTO log_pending (entry_id) SELECT id FROM audit_entry")
    for table, privileges in GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {privileges} ON {table} TO worker")
    op.execute("GRANT SELECT ON audit_entry TO worker")
    op.execute(WAIT)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entry_waits ON audit_entry")
    op.execute("DROP FUNCTION audit_entry_waits()")
    op.execute("REVOKE SELECT ON audit_entry FROM worker")
    op.execute("GRANT SELECT (id) ON audit_entry TO worker")
    for table in GRANTS:
        op.drop_table(table)
    op.drop_column("audit_entry", "salt")
