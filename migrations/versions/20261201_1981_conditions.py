"""deciding: approved with conditions is a decision of its own, and the draft that answers it is known"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1981"
down_revision = "20261201_1986"
branch_labels = None
depends_on = None

STATES = ("draft", "submitted", "withdrawn", "published", "rejected")
CLOSED = "OLD.state IN ('withdrawn', 'published', 'rejected'{more})"
SEAT = ("NEW.state = 'rejected'", "NEW.state IN ('rejected', 'conditions')")
# Once for each draft that was decided so; copies that the officer makes of it do not count.
FOLLOW = (
    ("parent_id)", "parent_id, answers_id)"),
    ("d.replaces_hash, d.id", "d.replaces_hash, d.id, d.id"),
    ("d.state = 'rejected'", "d.state = 'conditions'"),
    ("n.parent_id = d.id", "n.answers_id = d.id"),
)
CHANGE = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('{function}'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""
FUNCTION = "policy_draft_follow(uuid,uuid,text)"
# What was decided so before was kept as a rejection; its draft was made in the same transaction, so it is the first one.
KNOWN = """
UPDATE policy_draft SET state = 'conditions' WHERE state = 'rejected'
   AND EXISTS (SELECT FROM policy_decision c WHERE c.draft_id = policy_draft.id AND c.outcome = 'conditions');
UPDATE policy_draft n SET answers_id = n.parent_id FROM policy_draft d
 WHERE d.id = n.parent_id AND d.state = 'conditions'
   AND n.number = (SELECT min(o.number) FROM policy_draft o WHERE o.parent_id = d.id);
"""


def upgrade() -> None:
    op.add_column("policy_draft", sa.Column("answers_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_policy_draft_answers_id"), "policy_draft", ["answers_id"])
    op.create_foreign_key(op.f("fk_policy_draft_answers_id"), "policy_draft", "policy_draft", ["answers_id"], ["id"])
    _checked((*STATES, "conditions"), ("submitted", "published", "rejected", "conditions"))
    _change("policy_draft_frozen()", CLOSED.format(more=""), CLOSED.format(more=", 'conditions'"))
    _change("policy_draft_seat()", *SEAT)
    for old, new in FOLLOW:
        _change(FUNCTION, old, new)
    op.execute("ALTER TABLE policy_draft DISABLE TRIGGER policy_draft_frozen")
    op.execute(KNOWN)
    op.execute("ALTER TABLE policy_draft ENABLE TRIGGER policy_draft_frozen")


def downgrade() -> None:
    op.execute("ALTER TABLE policy_draft DISABLE TRIGGER policy_draft_frozen")
    op.execute("UPDATE policy_draft SET state = 'rejected' WHERE state = 'conditions'")
    op.execute("ALTER TABLE policy_draft ENABLE TRIGGER policy_draft_frozen")
    for old, new in reversed(FOLLOW):
        _change(FUNCTION, new, old)
    _change("policy_draft_seat()", *reversed(SEAT))
    _change("policy_draft_frozen()", CLOSED.format(more=", 'conditions'"), CLOSED.format(more=""))
    _checked(STATES, ("submitted", "published", "rejected"))
    op.drop_column("policy_draft", "answers_id")


def _change(function: str, old: str, new: str) -> None:
    op.execute(CHANGE.format(function=function, old=old, new=new))


def _checked(states: tuple[str, ...], submitted: tuple[str, ...]) -> None:
    """Which states there are, and of which of them it is known when they were submitted."""
    rules = {"state": f"state IN ({_words(states)})"}
    rules["submitted"] = f"(state IN ({_words(submitted)})) <= (submitted_at IS NOT NULL)"
    for name, rule in rules.items():
        op.drop_constraint(op.f(f"ck_policy_draft_{name}"), "policy_draft")
        op.create_check_constraint(op.f(f"ck_policy_draft_{name}"), "policy_draft", rule)


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
