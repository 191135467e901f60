from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="HR, works council and privacy officer may read who stands behind which pseudonym",
    changes=(
        Edit(
            "migrations/versions/20261129_0100_sources.py",
            old='ORGANISATION = ("source", "dataset")\nPERSONAL = ("subject_handle", "dataset_count")',
            new='ORGANISATION = ("source", "dataset", "subject_handle")\nPERSONAL = ("dataset_count",)',
        ),
    ),
    red=(
        "tests/db/test_privileges.py::test_D01_privileges_equal_the_checked_in_matrix",
        "tests/db/test_privileges.py::test_D02_a_persons_login_sees_only_rows_of_the_actor",
    ),
)
