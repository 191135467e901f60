"""gate: the officer chooses with the rings what holds a rollout up; frozen with the draft as they are"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1630"
down_revision = "20261129_1620"
branch_labels = None
depends_on = None

GATE = {"most_failed": "5", "least_applied": "80"}
FROZEN = """
CREATE OR REPLACE FUNCTION policy_draft_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'a submitted draft does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state IN ('withdrawn', 'published', 'rejected') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'this draft is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
FIXED = ("content", "title", "replaces_version", "replaces_hash", "submitted_at", "rings")


def upgrade() -> None:
    for name, default in GATE.items():
        op.add_column("policy_draft", sa.Column(name, sa.SmallInteger(), server_default=default, nullable=False))
    op.create_check_constraint(
        op.f("ck_policy_draft_gate"),
        "policy_draft",
        "most_failed BETWEEN 0 AND 100 AND least_applied BETWEEN 0 AND 100",
    )
    columns = ", ".join(GATE)
    op.execute(f"GRANT UPDATE ({columns}) ON policy_draft TO web_officer")
    op.execute(f"GRANT INSERT ({columns}) ON rollout TO web_officer, web_council")
    op.execute(_frozen(*FIXED, *GATE))


def downgrade() -> None:
    columns = ", ".join(GATE)
    op.execute(_frozen(*FIXED))
    op.execute(f"REVOKE INSERT ({columns}) ON rollout FROM web_officer, web_council")
    op.drop_constraint(op.f("ck_policy_draft_gate"), "policy_draft")
    for name in GATE:
        op.drop_column("policy_draft", name)


def _frozen(*columns: str) -> str:
    def row(which: str) -> str:
        return ", ".join(f"{which}.{column}" for column in columns)

    return FROZEN.format(new=row("NEW"), old=row("OLD"))
