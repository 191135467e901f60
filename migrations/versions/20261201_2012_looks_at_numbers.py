"""looks: who looked at incidents or at the daily check for the works council is written down, too"""

from alembic import op

revision = "20261201_2012"
down_revision = "20261201_2011"
branch_labels = None
depends_on = None

NAME = op.f("ck_room_look_what")
BEFORE = ("room", "release", "file", "document", "policy", "looks", "experts", "groups")
WHAT = (*BEFORE, "incidents", "check")


def upgrade() -> None:
    _allow(WHAT)


def downgrade() -> None:
    """What has no word then was a look at the room."""
    op.execute("UPDATE room_look SET what = 'room' WHERE what IN ('incidents', 'check')")
    _allow(BEFORE)


def _allow(words: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(NAME, "room_look")
    op.create_check_constraint(NAME, "room_look", f"what IN ({allowed})")
