from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Partitions are counted beside the table that they are parts of",
    changes=(Edit("portal/sources/connectors/sql/connector.py", old=" or name in parts:", new=":"),),
    red=("tests/sources/test_sql.py::test_R03_rows_of_a_table_with_parts_are_met_once",),
)
