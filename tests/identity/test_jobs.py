"""What is over is forgotten a day later, with the worker's own rights; what is not stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from portal.core import clock
from portal.core.db import Database
from portal.identity.jobs import KEPT, forget_ended
from tests.web_client import sign_in

Superuser = psycopg.Connection[tuple[Any, ...]]
LEFT = (
    "SELECT (SELECT count(*) FROM login_session WHERE employee_id = %(who)s),"
    " (SELECT count(*) FROM vault_ticket WHERE employee_id = %(who)s),"
    " (SELECT count(*) FROM signin_attempt WHERE nonce = %(name)s),"
    " (SELECT count(*) FROM used_logout_token WHERE token_hash = %(hash)s)"
)


def test_D06_what_is_over_is_forgotten_after_a_day(
    database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    who, name = person(), uuid4().hex
    for _ in range(2):
        sign_in(superuser, who)
    parameters = {"who": who, "name": name, "hash": name.encode(), "old": clock.now() - KEPT - timedelta(seconds=1)}
    superuser.execute(
        "INSERT INTO vault_ticket (token_hash, employee_id, session_id) "
        "SELECT sha256(id::text::bytea), employee_id, id FROM login_session WHERE employee_id = %(who)s",
        parameters,
    )
    superuser.execute(
        "INSERT INTO signin_attempt (state_hash, browser_hash, nonce, code_verifier, next_path, fresh, created_at) "
        "VALUES (%(hash)s, %(hash)s, %(name)s, 'v', '/', false, %(old)s)",
        parameters,
    )
    superuser.execute("INSERT INTO used_logout_token VALUES (%(hash)s, %(old)s)", parameters)
    superuser.execute(
        "UPDATE login_session SET ended_at = %(old)s WHERE id = "
        "(SELECT id FROM login_session WHERE employee_id = %(who)s ORDER BY id LIMIT 1)",
        parameters,
    )
    superuser.commit()
    assert superuser.execute(LEFT, parameters).fetchone() == (2, 2, 1, 1)
    superuser.rollback()
    with database.transaction("worker") as session:
        forget_ended(session, clock.now())
    assert superuser.execute(LEFT, parameters).fetchone() == (1, 1, 0, 0)
