from tests.sabotage.framework import Edit, Sabotage

QUERIES = "portal/audit/queries.py"

SABOTAGE = Sabotage(
    requirement="L03",
    breaks="The sequencer goes on after the highest number it has seen, past entries that commit late",
    changes=(
        Edit(QUERIES, old="from sqlalchemy import Row", new="from sqlalchemy import func, Row"),
        Edit(
            QUERIES,
            old=".join(LogPending, LogPending.entry_id == AuditEntry.id)",
            new=".where(AuditEntry.id > select(func.coalesce(func.max(LogLeaf.entry_id), 0)).scalar_subquery())",
        ),
    ),
    red=("tests/audit/test_sequencing.py::test_L03_who_commits_late_is_not_passed_over",),
)
