"""codes back: requests of people who were erased as a whole before codes stayed get back how they were decided and ended"""

from alembic import op

revision = "20261130_1661"
down_revision = "20261130_1660"
branch_labels = None
depends_on = None

# The decision keeps its outcome in a column of its own. An end after which the request ran again was a part: only what
# a hold kept is taken up again. The last end is what the request says. Steps that failed on this are tried by themselves.
REPAIRS = (
    """
    UPDATE request_event e SET params = e.params || jsonb_build_object('outcome', (
        SELECT d.outcome FROM request_decision d
         WHERE d.request_id = e.request_id AND d.rejected_at IS NULL AND d.confirmed_at IS NOT NULL
         ORDER BY d.proposed_at DESC LIMIT 1))
     WHERE e.kind = 'decided' AND NOT jsonb_exists(e.params, 'outcome')
       AND EXISTS (SELECT FROM request_decision d WHERE d.request_id = e.request_id AND d.rejected_at IS NULL
                      AND d.confirmed_at IS NOT NULL)
    """,
    """
    UPDATE request_event e SET params = e.params || '{"state": "partial"}'
     WHERE e.kind = 'closed' AND NOT jsonb_exists(e.params, 'state')
       AND EXISTS (SELECT FROM request_event l WHERE l.request_id = e.request_id AND l.kind = 'reopened' AND l.id > e.id)
    """,
    """
    UPDATE request_event e SET params = e.params || jsonb_build_object('state', r.state) FROM request r
     WHERE e.kind = 'closed' AND NOT jsonb_exists(e.params, 'state') AND r.id = e.request_id
       AND r.state IN ('done', 'partial')
    """,
)


def upgrade() -> None:
    for repair in REPAIRS:
        op.execute(repair)


def downgrade() -> None:
    """What was given back stays: without it nothing could tell how these requests stand."""
