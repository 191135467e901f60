"""exported: petitions, daily checks, stops, delegations, counts and what else an archive did not tell; claims taken back"""

from alembic import op
import sqlalchemy as sa

revision = "20261129_1520"
down_revision = "20261129_1510"
branch_labels = None
depends_on = None


# What an archive tells besides what it told before: name → rows of the person. No key, hash or token among them.
ABOUT = {
    "captured_days": "SELECT local_day, kind, context, sensitivity, items, milliseconds, bytes FROM employee_day "
    "WHERE employee_id = who ORDER BY local_day, kind, context, sensitivity",
    "device_codes": "SELECT id, device_name, created_at, expires_at, used_at, device_id FROM enrolment_code "
    "WHERE employee_id = who ORDER BY created_at, id",
    "tallies": "SELECT device_id, day, refused, envelope, received_at FROM tally WHERE employee_id = who ORDER BY day, device_id, refused",
    "checked_days": "SELECT day, due_at, state, checked_at, missing, figures FROM reconciliation WHERE employee_id = who ORDER BY day",
    "check_findings": "SELECT id, day, what, device_id, device_class, kind, context, place, items, segment_ids, found_at "
    "FROM reconciliation_finding WHERE employee_id = who ORDER BY day, id",
    "stops": "SELECT stop_id, s.number, device_id, d.lease_until, a.answered_at, a.resumed_at FROM stop_device d "
    "FULL JOIN stop_answer a USING (stop_id, device_id, employee_id) LEFT JOIN stop s ON s.id = stop_id "
    "WHERE employee_id = who ORDER BY s.number, device_id",
    "request_tasks": "SELECT id, request_id, step_id, sort, store, owner, words, given_name, given_at, chased_at, chases, done_at, "
    "done_name, proof FROM store_task WHERE employee_id = who ORDER BY given_at, id",
    "delegations": "SELECT id, delegate_name, types, created_at, expires_at, ended_at FROM delegation WHERE employee_id = who "
    "ORDER BY created_at, id",
    "delegations_to_you": "SELECT d.id, e.name, d.types, d.created_at, d.expires_at, d.ended_at FROM delegation d "
    "JOIN employee e ON e.id = d.employee_id WHERE d.delegate_id = who ORDER BY d.created_at, d.id",
    "shown_to_you": "SELECT i.id, s.started_at, s.ended_at, s.kind, s.context, e.department, i.matched_at FROM shown_item i "
    "JOIN segment s ON s.employee_id = i.employee_id AND s.started_at = i.started_at AND s.id = i.segment_id AND s.erasure_id IS NULL "
    "JOIN employee e ON e.id = i.employee_id WHERE i.bystander_id = who ORDER BY s.started_at, i.id",
    "store_handles": "SELECT s.name, h.handle, h.added_at FROM subject_handle h JOIN source s ON s.id = h.source_id "
    "WHERE h.employee_id = who ORDER BY s.name, h.handle",
    "store_counts": "SELECT s.name AS source, d.name, c.rows, c.by_kind, c.counted_at FROM dataset_count c "
    "JOIN dataset d ON d.id = c.dataset_id JOIN source s ON s.id = d.source_id WHERE c.employee_id = who ORDER BY s.name, d.name",
    "petition_drafts": "SELECT id, title, demand, reasons, answerer, changed_at FROM petition_draft WHERE employee_id = who "
    "ORDER BY changed_at, id",
    "petitions_started": "SELECT p.id, p.title, p.state, p.created_at FROM petition_author a JOIN petition p ON p.id = a.petition_id "
    "WHERE a.employee_id = who ORDER BY p.created_at, p.id",
    "petitions_signed": "SELECT p.id, p.title, p.state, s.signed_on FROM petition_signature s JOIN petition p ON p.id = s.petition_id "
    "WHERE s.employee_id = who ORDER BY s.signed_on, p.id",
    "export_stores": "SELECT order_id, number, store, state, reason, rows, pending_since FROM export_store WHERE employee_id = who "
    "ORDER BY order_id, number",
}
# What the definer may read for that, beside what it could.
READS = {
    "employee_day": "SELECT",
    "enrolment_code": "SELECT (id, employee_id, device_name, created_at, expires_at, used_at, device_id)",
    "tally": "SELECT",
    "reconciliation": "SELECT",
    "reconciliation_finding": "SELECT",
    "stop": "SELECT (id, number)",
    "stop_device": "SELECT",
    "stop_answer": "SELECT",
    "store_task": "SELECT",
    "delegation": "SELECT",
    "shown_item": "SELECT (bystander_id, matched_at)",
    "subject_handle": "SELECT",
    "source": "SELECT (id, name)",
    "dataset": "SELECT (id, source_id, name)",
    "dataset_count": "SELECT",
    "petition": "SELECT (id, title, state, created_at)",
    "petition_draft": "SELECT",
    "petition_author": "SELECT",
    "petition_signature": "SELECT",
}
HAD_POLICY = {"shown_item"}
CASES = "\n".join(
    f"    WHEN '{about}' THEN RETURN QUERY SELECT to_jsonb(r) FROM ({rows}) r;" for about, rows in ABOUT.items()
)
CLAIMS = ("number, state, closed_at FROM shown_claim", "number, state, closed_at, withdrawn_at FROM shown_claim")
TAKING_BACK = {
    "web_employee": "SELECT (withdrawn_at), UPDATE (withdrawn_at)",
    "worker": "UPDATE (withdrawn_at)",
    "vault_definer": "SELECT (withdrawn_at)",
}
CHANGE_EXPORT = """
DO $change$
BEGIN
    EXECUTE replace(pg_get_functiondef('export_rows(uuid,text)'::regprocedure), $old${old}$old$, $new${new}$new$);
END $change$;
"""


def _export(old: str, new: str) -> None:
    """Change what `export_rows` lists; its owner may, once it may create."""
    op.execute("GRANT CREATE ON SCHEMA public TO vault_definer")
    op.execute("SET LOCAL ROLE vault_definer")
    op.execute(CHANGE_EXPORT.format(old=old, new=new))
    op.execute("SET LOCAL ROLE owner")
    op.execute("REVOKE CREATE ON SCHEMA public FROM vault_definer")


# Receipts and decisions name a dataset by its name alone; of those that share one, each is said with its source.
NAMES_APART = """
UPDATE dataset d SET name = d.location || ' (' || s.name || ')' FROM source s
 WHERE s.id = d.source_id AND (d.name = 'daylight' OR EXISTS (SELECT FROM dataset o WHERE o.name = d.name AND o.id <> d.id))
"""


def upgrade() -> None:
    op.execute(NAMES_APART)
    op.create_unique_constraint(op.f("uq_dataset_name"), "dataset", ["name"], deferrable=True, initially="DEFERRED")
    op.add_column("shown_claim", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    for login, privileges in TAKING_BACK.items():
        op.execute(f"GRANT {privileges} ON shown_claim TO {login}")
    for table, privileges in READS.items():
        op.execute(f"GRANT {privileges} ON {table} TO vault_definer")
        if table not in HAD_POLICY:
            op.execute(f"CREATE POLICY vault_definer ON {table} TO vault_definer USING (true) WITH CHECK (true)")
    _export("\n    END CASE;", f"\n{CASES}\n    END CASE;")
    _export(*CLAIMS)


def downgrade() -> None:
    _export(*reversed(CLAIMS))
    _export(f"\n{CASES}\n    END CASE;", "\n    END CASE;")
    for table, privileges in READS.items():
        if table not in HAD_POLICY:
            op.execute(f"DROP POLICY vault_definer ON {table}")
        op.execute(f"REVOKE {privileges} ON {table} FROM vault_definer")
    op.drop_constraint(op.f("uq_dataset_name"), "dataset", type_="unique")
    op.drop_column("shown_claim", "withdrawn_at")
