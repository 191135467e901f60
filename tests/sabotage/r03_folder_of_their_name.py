from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/sources/test_parquet.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A folder is still named after the person whose rows went from it",
    changes=(
        Edit(
            "portal/sources/connectors/parquet/rewriting.py",
            old="empty = forgetting.named(file.path, target) and",
            new="empty = not forgetting.named(file.path, target) and",
        ),
    ),
    red=(f"{FILE}::test_R03_no_folder_keeps_the_name_of_a_person_who_went",),
)
