"""looks: who looked at a policy, at the list of looks, at experts or at the smallest group is written down, too"""

from alembic import op

revision = "20261201_1977"
down_revision = "20261201_1976"
branch_labels = None
depends_on = None

NAME = op.f("ck_room_look_what")
BEFORE = ("room", "release", "file", "document")
WHAT = (*BEFORE, "policy", "looks", "experts", "groups")


def upgrade() -> None:
    _allow(WHAT)


def downgrade() -> None:
    """What has no word then was a look at the room."""
    op.execute(
        "UPDATE room_look SET what = 'room', about = NULL WHERE what IN ('policy', 'looks', 'experts', 'groups')"
    )
    _allow(BEFORE)


def _allow(words: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(NAME, "room_look")
    op.create_check_constraint(NAME, "room_look", f"what IN ({allowed})")
