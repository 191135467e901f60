from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S14",
    breaks="A claim moves somebody whom the directory keeps elsewhere",
    changes=(
        Edit(
            "migrations/versions/20261130_1690_directory.py",
            old="NOT EXISTS (SELECT FROM directory_entry d WHERE d.employee_id = e.id)",
            new="true",
        ),
    ),
    red=("tests/directory/test_claims.py::test_S14_the_directory_knows_better",),
)
