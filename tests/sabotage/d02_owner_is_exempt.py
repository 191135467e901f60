from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="Row-level security is not forced on the owner",
    changes=(
        Edit(
            PRIVILEGES,
            old='op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")',
            new='op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")',
        ),
    ),
    red=("tests/db/test_privileges.py::test_D02_every_table_is_under_forced_row_security",),
)
