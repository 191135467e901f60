"""hands: nobody decides on what they sent, or anew on what they decided; who claims an item does not see whose it is"""

from alembic import op
import sqlalchemy as sa

revision = "20261130_1830"
down_revision = "20261130_1822"
branch_labels = None
depends_on = None

SEARCHES = "SET search_path = pg_catalog, public, pg_temp"
# Everybody who proposed or confirmed what is appealed, and what that appealed in its turn; as far as the caller may read.
DECIDED_BEFORE = f"""
CREATE FUNCTION decided_before(p_employee uuid, p_request uuid) RETURNS SETOF uuid LANGUAGE sql STABLE {SEARCHES} AS $$
    WITH RECURSIVE appealed (id) AS (
        SELECT appeals FROM request WHERE employee_id = p_employee AND id = p_request
        UNION
        SELECT r.appeals FROM request r JOIN appealed a ON r.id = a.id WHERE r.employee_id = p_employee
    )
    SELECT DISTINCT hand.id
      FROM appealed a
      JOIN request_decision d ON d.employee_id = p_employee AND d.request_id = a.id AND d.rejected_at IS NULL
      CROSS JOIN LATERAL (VALUES (d.proposed_by), (d.confirmed_by)) AS hand (id)
     WHERE hand.id IS NOT NULL
$$;
"""
HANDS = f"""
CREATE FUNCTION decision_hands() RETURNS trigger LANGUAGE plpgsql {SEARCHES} AS $$
BEGIN
    IF EXISTS (SELECT FROM request r WHERE r.employee_id = NEW.employee_id AND r.id = NEW.request_id
                  AND r.started_by_id IN (NEW.proposed_by, NEW.confirmed_by)) THEN
        RAISE EXCEPTION 'nobody decides on a request that they sent' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM decided_before(NEW.employee_id, NEW.request_id) AS hand
                WHERE hand IN (NEW.proposed_by, NEW.confirmed_by)) THEN
        RAISE EXCEPTION 'who decided before does not decide the appeal' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_hands BEFORE INSERT OR UPDATE OF proposed_by, confirmed_by ON request_decision
    FOR EACH ROW EXECUTE FUNCTION decision_hands();
"""
OTHERS = "employee_id <> (SELECT actor_id()) AND state <> 'draft'"
NOT_MINE = f"{OTHERS} AND NOT (started_by = 'bystander' AND started_by_id = (SELECT actor_id()))"
# What the policy of the desk reads stands in the indexes that the numbers above the queue are counted from.
COUNTED = {
    "ix_request_queue": (["due_at", "number"], "state IN ('open', 'asked_back', 'approved', 'running')"),
    "ix_request_finished": (["closed_at"], "state IN ('done', 'partial')"),
}
INCLUDED = {
    "ix_request_queue": ["employee_id", "state", "received_at", "stands_since"],
    "ix_request_finished": ["employee_id", "state", "received_at"],
}
SENDER = ["started_by", "started_by_id"]


def upgrade() -> None:
    op.execute(DECIDED_BEFORE)
    op.execute(HANDS)
    op.execute("REVOKE ALL ON FUNCTION decision_hands(), decided_before(uuid, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION decided_before(uuid, uuid) TO web_hr")
    op.execute(f"ALTER POLICY web_hr ON request USING ({NOT_MINE}) WITH CHECK ({NOT_MINE})")
    _index(SENDER)


def downgrade() -> None:
    _index([])
    op.execute(f"ALTER POLICY web_hr ON request USING ({OTHERS}) WITH CHECK ({OTHERS})")
    op.execute("DROP TRIGGER decision_hands ON request_decision")
    op.execute("DROP FUNCTION decision_hands()")
    op.execute("DROP FUNCTION decided_before(uuid, uuid)")


def _index(more: list[str]) -> None:
    for name, (columns, where) in COUNTED.items():
        op.drop_index(name, table_name="request", postgresql_where=sa.text(where))
        included = [*INCLUDED[name], *more]
        op.create_index(name, "request", columns, postgresql_include=included, postgresql_where=sa.text(where))
