"""What tests of policies leave in the shared installation, whose first policy all other tests obey."""

from typing import Any

import psycopg


def forget(superuser: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Delete every draft with its signatures and decisions, and every policy but the first."""
    superuser.rollback()
    for statement in (
        "DELETE FROM policy_signature",
        "DELETE FROM policy_decision",
        "ALTER TABLE policy_draft DISABLE TRIGGER USER",
        "DELETE FROM policy_draft",
        "ALTER TABLE policy_draft ENABLE TRIGGER USER",
        "DELETE FROM rollout_step",
        "DELETE FROM rollout",
        "DELETE FROM policy WHERE version > 1",
    ):
        superuser.execute(statement.encode())
    superuser.commit()
