from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_parquet.py"
TEST = f"{FILE}::test_R03_rows_are_counted_once_whether_a_kill_came_before_or_after_a_file_was_replaced"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="The rows of a file that was replaced right before a kill are missing in the receipt",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/connector.py",
            old="rows = resume.rows + self._files.taken(files, target, resume)",
            new="rows = resume.rows",
        ),
    ),
    red=(TEST,),
)
