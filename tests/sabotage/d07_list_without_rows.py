from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D07",
    breaks="An export passes a table with rows of the person over",
    changes=(
        Edit(
            "migrations/versions/20261129_1520_exported.py",
            old="FROM reconciliation_finding WHERE employee_id = who",
            new="FROM reconciliation_finding WHERE false",
        ),
    ),
    red=("tests/db/test_exported.py::test_D07_what_a_table_holds_of_a_person_is_exported",),
)
