from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="L02",
    breaks="The worker's login may change leaves",
    changes=(
        Edit(
            "migrations/versions/20261121_0520_log.py",
            old='"log_leaf": "SELECT, INSERT"',
            new='"log_leaf": "SELECT, INSERT, UPDATE"',
        ),
    ),
    red=("tests/audit/test_verifying.py::test_L02_no_login_may_change_the_log",),
)
