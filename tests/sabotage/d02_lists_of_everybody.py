from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="An archive lists everybody's names",
    changes=(
        Edit(
            "migrations/versions/20261129_0340_exports.py",
            old="FROM employee WHERE id = who",
            new="FROM employee WHERE who IS NOT NULL",
        ),
    ),
    red=("tests/vault/test_export_orders.py::test_D02_lists_hold_nobody_elses_rows",),
)
