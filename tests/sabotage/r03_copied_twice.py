from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_frozen_parquet.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What a killed attempt moved into the quarantine is overwritten by the next one",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/moving.py",
            old="if there is None or self._copied(there, file):",
            new="if there is None or file:",
        ),
    ),
    red=(f"{FILE}::test_R03_rows_that_come_into_the_file_after_a_kill_do_not_replace_the_frozen_ones",),
)
