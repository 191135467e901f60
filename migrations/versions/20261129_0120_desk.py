"""desk: clocks that stand, tasks for owners of stores, who is of HR"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_0120"
down_revision = "20261129_0110"
branch_labels = None
depends_on = None

OWN = "employee_id = (SELECT actor_id())"
LIVE = "state IN ('open', 'asked_back', 'approved', 'running')"
OTHERS = "employee_id <> (SELECT actor_id())"
TASKS = {
    "web_employee": ("SELECT", OWN),
    "web_hr": ("SELECT, INSERT, UPDATE (chased_at, chases, done_at, done_by, done_name, proof)", OTHERS),
    "worker": ("SELECT, DELETE", "true"),
}
# A colleague of HR is named to colleagues: who may confirm, to whom a request can be given.
COLLEAGUES = {"web_hr": "role = 'hr' AND (SELECT actor_id()) IS NOT NULL", "worker": "true"}


def upgrade() -> None:
    op.add_column("request", sa.Column("stands_since", sa.Date(), nullable=True))
    op.drop_index("ix_request_queue", table_name="request", postgresql_where=sa.text(LIVE))
    op.create_index(
        "ix_request_queue",
        "request",
        ["due_at", "number"],
        postgresql_include=["employee_id", "state", "received_at", "stands_since"],
        postgresql_where=sa.text(LIVE),
    )
    op.create_index(
        "ix_request_finished",
        "request",
        ["closed_at"],
        postgresql_include=["employee_id", "state", "received_at"],
        postgresql_where=sa.text("state IN ('done', 'partial')"),
    )
    op.create_index(
        "ix_request_over", "request", ["closed_at", "number"], postgresql_where=sa.text("closed_at IS NOT NULL")
    )
    op.create_table(
        "store_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.Column(
            "sort",
            sa.Enum("owner", "recipient", name="sort", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False, comment="personal: whole-person erasure"),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chases", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_name", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), server_default="", nullable=False, comment="personal: whole-person erasure"),
        sa.CheckConstraint("(done_at IS NULL) = (proof = '')", name=op.f("ck_store_task_proof")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_store_task_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_task")),
    )
    op.create_index(
        op.f("ix_store_task_employee_id_request_id"), "store_task", ["employee_id", "request_id"], unique=False
    )
    op.execute("ALTER TABLE store_task ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY owner_all ON store_task TO owner USING (true) WITH CHECK (true)")
    for login, (privileges, seen) in TASKS.items():
        op.execute(f"GRANT {privileges} ON store_task TO {login}")
        op.execute(f"CREATE POLICY {login} ON store_task TO {login} USING ({seen}) WITH CHECK ({seen})")
    for login, seen in COLLEAGUES.items():
        op.execute(f"GRANT SELECT (employee_id, role) ON role_grant TO {login}")
        op.execute(f"CREATE POLICY {login} ON role_grant TO {login} USING ({seen}) WITH CHECK ({seen})")
    for login in ("web_hr", "web_employee", "web_delegate", "worker"):
        op.execute(f"GRANT UPDATE (stands_since) ON request TO {login}")
    op.execute("GRANT SELECT (timezone) ON employee TO web_hr")


def downgrade() -> None:
    op.execute("REVOKE SELECT (timezone) ON employee FROM web_hr")
    for login in COLLEAGUES:
        op.execute(f"DROP POLICY {login} ON role_grant")
        op.execute(f"REVOKE SELECT (employee_id, role) ON role_grant FROM {login}")
    op.drop_index(op.f("ix_store_task_employee_id_request_id"), table_name="store_task")
    op.drop_table("store_task")
    op.drop_index("ix_request_over", table_name="request", postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.drop_index("ix_request_finished", table_name="request", postgresql_where=sa.text("state IN ('done', 'partial')"))
    op.drop_index("ix_request_queue", table_name="request", postgresql_where=sa.text(LIVE))
    op.create_index("ix_request_queue", "request", ["due_at", "number"], postgresql_where=sa.text(LIVE))
    op.drop_column("request", "stands_since")
