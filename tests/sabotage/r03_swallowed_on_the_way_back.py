from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Rows that a table swallows are taken out of the quarantine all the same",
    changes=(
        Edit("portal/sources/connectors/sql/quarantine.py", old="    if taken != put:", new="    if taken < put:"),
    ),
    red=("tests/sources/test_frozen_sql.py::test_R03_a_table_that_swallows_what_comes_back_loses_nothing",),
)
