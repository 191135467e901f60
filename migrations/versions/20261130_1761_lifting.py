"""lifting: HR may end a freeze, with a reason, by two and told before; such a request is lifted, not withdrawn"""

from alembic import op

revision = "20261130_1761"
down_revision = "20261130_1760"
branch_labels = None
depends_on = None

STATES = (
    "draft", "open", "asked_back", "approved", "running", "done", "partial", "refused", "withdrawn", "merged",
)  # fmt: skip


def _states(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{one}'" for one in states)
    op.drop_constraint(op.f("ck_request_state"), "request")
    op.create_check_constraint(op.f("ck_request_state"), "request", f"state IN ({listed})")


def upgrade() -> None:
    _states((*STATES, "lifted"))


def downgrade() -> None:
    op.execute("UPDATE request SET state = 'withdrawn' WHERE state = 'lifted'")
    _states(STATES)
