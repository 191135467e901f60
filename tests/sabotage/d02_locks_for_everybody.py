from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Every login may take any lock, and hold somebody's device up",
    changes=(
        Edit(
            "portal/operations/bootstrap.py",
            old='connection.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(name))',
            new="pass",
        ),
        Edit(
            "portal/operations/bootstrap.py",
            old="if connection.execute(STILL_OPEN).fetchone() != (0,):",
            new="if False:",
        ),
    ),
    red=("tests/db/test_locks.py::test_D02_only_who_needs_a_lock_may_take_it",),
)
