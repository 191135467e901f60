from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="An erasure takes along what refers to a partition, or to a table that inherits",
    changes=(
        Edit(
            "portal/sources/connectors/sql/catalogue.py",
            old='"SELECT inhrelid FROM pg_inherits JOIN below ON inhparent = id) "',
            new='"SELECT inhrelid FROM pg_inherits JOIN below ON inhparent = id WHERE false) "',
        ),
    ),
    red=("tests/sources/test_sql_parts.py::test_R03_keys_to_what_inherits_and_to_partitions_take_nobody_along",),
)
