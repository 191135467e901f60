from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="Functions are left executable by everybody",
    changes=(
        Edit(
            PRIVILEGES,
            old='    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")\n',
            new="",
        ),
        Edit(PRIVILEGES, old='        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")\n', new=""),
    ),
    red=("tests/db/test_privileges.py::test_D01_privileges_equal_the_checked_in_matrix",),
)
