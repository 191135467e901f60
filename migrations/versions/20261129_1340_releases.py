"""releases: statistics published for good in schema pub, and privately who was counted where"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1340"
down_revision = "20261129_1330"
branch_labels = None
depends_on = None

PUBLISHED = ("pub.release", "pub.figure")
PRIVATE = ("panel_person", "panel_member", "panel_cell")
READERS = ("web_employee", "web_council", "web_officer", "web_hr")
# Nobody may change or delete what is published, and nobody but the worker adds to it. Panels never change either,
# but a person leaves them when the person is erased, which the owner's function does.
WORKER = dict.fromkeys((*PUBLISHED, *PRIVATE), "SELECT, INSERT")
COUNTED = {
    "employee_day": "SELECT",
    "look": "SELECT (employee_id, reader_id, purpose, at)",
    "device_report": "SELECT (employee_id, what, directive, received_at)",
}
LEVEL = ("company", "country", "site", "department")
WHY = ("small", "changed", "linked", "few", "part")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _place() -> list[sa.Column]:
    return [
        sa.Column("level", _one_of("level", LEVEL), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
    ]


def _hidden() -> list[sa.Column]:
    return [
        sa.Column("why", _one_of("why", WHY), nullable=True),
        sa.Column("because_site", sa.Text(), nullable=True),
        sa.Column("because_department", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "panel_person",
        sa.Column("employee_id", sa.Uuid(), nullable=False, comment="personal: whole-person erasure"),
        sa.Column("member", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_panel_person_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_panel_person")),
        sa.UniqueConstraint("member", name=op.f("uq_panel_person_member")),
    )
    op.create_table(
        "panel_member",
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("member", sa.Uuid(), nullable=False),
        *_place()[1:],
        sa.PrimaryKeyConstraint("quarter", "member", name=op.f("pk_panel_member")),
    )
    op.create_table(
        "panel_cell",
        sa.Column("quarter", sa.Date(), nullable=False),
        *_place(),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("k", sa.SmallInteger(), nullable=False),
        *_hidden(),
        sa.PrimaryKeyConstraint("quarter", "level", "country", "site", "department", name=op.f("pk_panel_cell")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("span", _one_of("span", ("week", "month")), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("k", sa.SmallInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("k >= 8", name=op.f("ck_release_floor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("span", "starts_on", name=op.f("uq_release_span_starts_on")),
        schema="pub",
    )
    op.create_index(op.f("ix_release_ends_on"), "release", ["ends_on"], unique=False, schema="pub")
    op.create_table(
        "figure",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        *_place(),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        *_hidden(),
        sa.CheckConstraint("(value IS NULL) = (why IS NOT NULL)", name=op.f("ck_figure_hidden")),
        sa.ForeignKeyConstraint(["release_id"], ["pub.release.id"], name=op.f("fk_figure_release_id")),
        sa.PrimaryKeyConstraint("release_id", "level", "country", "site", "department", "item", name=op.f("pk_figure")),
        schema="pub",
    )
    op.create_index(
        op.f("ix_figure_release_id_level_item"), "figure", ["release_id", "level", "item"], unique=False, schema="pub"
    )
    for table in (*PUBLISHED, *PRIVATE):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner_all ON {table} TO owner USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {WORKER[table]} ON {table} TO worker")
        op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")
    for reader in READERS:
        for table in PUBLISHED:
            op.execute(f"GRANT SELECT ON {table} TO {reader}")
            op.execute(f"CREATE POLICY {reader} ON {table} TO {reader} USING (true) WITH CHECK (true)")
    op.execute("GRANT USAGE ON SCHEMA pub TO worker, " + ", ".join(READERS))
    op.execute("GRANT SELECT ON log_head TO web_council")
    op.execute("CREATE POLICY web_council ON log_head TO web_council USING (true) WITH CHECK (true)")
    for table, privileges in COUNTED.items():
        op.execute(f"GRANT {privileges} ON {table} TO worker")
        if table != "look":
            op.execute(f"CREATE POLICY worker ON {table} TO worker USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.execute("DROP POLICY web_council ON log_head")
    op.execute("REVOKE SELECT ON log_head FROM web_council")
    for table in ("employee_day", "device_report"):
        op.execute(f"DROP POLICY worker ON {table}")
    for table, privileges in COUNTED.items():
        op.execute(f"REVOKE {privileges} ON {table} FROM worker")
    op.execute("REVOKE USAGE ON SCHEMA pub FROM worker, " + ", ".join(READERS))
    op.drop_table("figure", schema="pub")
    op.drop_table("release", schema="pub")
    for table in ("panel_cell", "panel_member", "panel_person"):
        op.drop_table(table)
