from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An erasure takes other people's rows along that refer to the person's",
    changes=(
        Edit(
            "portal/sources/connectors/sql/connector.py",
            old="            quarantine.require_alone(connection, meant[0][0])\n            rows",
            new="            rows",
        ),
    ),
    red=("tests/sources/test_sql.py::test_R03_erasing_one_persons_rows_takes_nobody_elses_along",),
)
