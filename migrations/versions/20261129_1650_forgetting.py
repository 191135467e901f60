"""forgetting: the worker deletes reports, leases and refusals that prove nothing any more"""

from alembic import op

revision = "20261129_1650"
down_revision = "20261129_1640"
branch_labels = None
depends_on = None

ENDS = {
    "device_report.employee_id": "personal: 90 days, whole-person erasure",
    "lease_span.employee_id": "personal: 90 days after the last item under it, whole-person erasure",
    "upload.employee_id": "personal: refused ones 90 days, whole-person erasure",
}


def upgrade() -> None:
    op.execute("GRANT DELETE ON device_report, lease_span, upload TO worker")
    for column, ends in ENDS.items():
        op.execute(f"COMMENT ON COLUMN {column} IS '{ends}'")


def downgrade() -> None:
    for column in ENDS:
        op.execute(f"COMMENT ON COLUMN {column} IS 'personal: whole-person erasure'")
    op.execute("REVOKE DELETE ON device_report, lease_span, upload FROM worker")
