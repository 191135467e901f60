from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An erasure leaves what is frozen",
    changes=(
        Edit(
            "portal/sources/connectors/sql/connector.py",
            old="for table, condition in meant:\n                connection.execute(delete",
            new="for table, condition in meant[:1]:\n                connection.execute(delete",
        ),
    ),
    red=("tests/sources/test_frozen_sql.py::test_R03_an_erasure_reaches_what_is_frozen",),
)
