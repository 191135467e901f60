"""shares in steps: each says how wide its step is; what told too much in releases already made is taken back"""

from alembic import op
import sqlalchemy as sa

revision = "20261201_1975"
down_revision = "20261201_1971"
branch_labels = None
depends_on = None

CHECK = "ck_{}_why"
BEFORE = ("small", "changed", "linked", "few", "part")
WHY = (*BEFORE, "share", "withdrawn")
TABLES = (("figure", "pub"), ("panel_cell", None))
# A share in steps of 5 % stays where each step holds 2k + 1 people at least; why a sum is hidden is one reason.
TAKEN_BACK = (
    """
UPDATE pub.figure f SET value = NULL, why = 'withdrawn'
  FROM pub.release r
 WHERE r.id = f.release_id AND f.item LIKE 'share.%' AND f.value IS NOT NULL
   AND NOT EXISTS (SELECT FROM pub.figure p
                    WHERE (p.release_id, p.level, p.country, p.site, p.department)
                        = (f.release_id, f.level, f.country, f.site, f.department)
                      AND p.item = 'people' AND p.value >= 20 * (2 * r.k + 1))
""",
    "UPDATE pub.figure SET why = 'few' WHERE why = 'linked' AND item <> 'people'",
    "UPDATE pub.release SET withdrawn_at = now()",
)


def upgrade() -> None:
    op.add_column("figure", sa.Column("step", sa.SmallInteger(), nullable=True), schema="pub")
    op.add_column("release", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True), schema="pub")
    _allow(WHY)
    for statement in TAKEN_BACK:
        op.execute(statement)


def downgrade() -> None:
    """What was taken back is not there any more: it is hidden for the reason that fits."""
    op.execute("UPDATE pub.figure SET why = 'few' WHERE why IN ('share', 'withdrawn')")
    _allow(BEFORE)
    op.drop_column("release", "withdrawn_at", schema="pub")
    op.drop_column("figure", "step", schema="pub")


def _allow(words: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{word}'" for word in words)
    for table, schema in TABLES:
        name = op.f(CHECK.format(table))
        op.drop_constraint(name, table, schema=schema)
        op.create_check_constraint(name, table, f"why IN ({allowed})", schema=schema)
