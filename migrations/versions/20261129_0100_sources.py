"""external stores: sources, datasets, and under which names a person stands there"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "20261129_0100"
down_revision = "20261129_0050"
branch_labels = None
depends_on = None

ORGANISATION = ("source", "dataset")
PERSONAL = ("subject_handle", "dataset_count")
READERS = ("web_employee", "web_hr", "web_council", "web_officer")
OWN = "employee_id = (SELECT actor_id())"
ERASED = "personal: whole-person erasure"


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "dataset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("subject_column", sa.Text(), nullable=True),
        sa.Column("subject_kind", _choice("subject_kind", "email", "employee_id", "handle"), nullable=True),
        sa.Column("time_column", sa.Text(), nullable=True),
        sa.Column("kind_column", sa.Text(), nullable=True),
        sa.Column("context_column", sa.Text(), nullable=True),
        sa.Column("sensitivity_column", sa.Text(), nullable=True),
        sa.Column("physical_days", sa.BigInteger(), nullable=True),
        sa.Column("readable_by", sa.BigInteger(), nullable=True),
        sa.Column("described_by", _choice("described_by", "yaml", "discovered"), nullable=False),
        sa.Column("state", _choice("state", "usable", "refused"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("rows_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(rows IS NULL) = (rows_at IS NULL)", name=op.f("ck_dataset_rows")),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name=op.f("ck_dataset_reason")),
        sa.CheckConstraint(
            "state = 'refused' OR (subject_column IS NOT NULL AND subject_kind IS NOT NULL)",
            name=op.f("ck_dataset_subject"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_dataset_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("source_id", "location", name=op.f("uq_dataset_source_id_location")),
    )
    op.create_table(
        "subject_handle",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=ERASED),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False, comment=ERASED),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_subject_handle_employee_id")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_subject_handle_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("employee_id", "source_id", "handle", name=op.f("pk_subject_handle")),
        sa.UniqueConstraint("source_id", "handle", name=op.f("uq_subject_handle_source_id_handle")),
    )
    op.create_table(
        "dataset_count",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment=ERASED),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment=ERASED),
        sa.Column("by_kind", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment=ERASED),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_dataset_count_dataset_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_dataset_count_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "dataset_id", name=op.f("pk_dataset_count")),
    )
    for table in (*ORGANISATION, *PERSONAL):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO worker")
    for table in ORGANISATION:
        for login in READERS:
            op.execute(f"CREATE POLICY {login} ON {table} TO {login} USING (true) WITH CHECK (true)")
            op.execute(f"GRANT SELECT ON {table} TO {login}")
    for table in PERSONAL:
        op.execute(f"CREATE POLICY web_employee ON {table} TO web_employee USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(f"GRANT SELECT ON {table} TO web_employee")
    # The worker looks for a person under the names that external stores know.
    op.execute("GRANT SELECT (subject) ON employee TO worker")


def downgrade() -> None:
    op.execute("REVOKE SELECT (subject) ON employee FROM worker")
    for table in reversed((*ORGANISATION, *PERSONAL)):
        op.drop_table(table)
