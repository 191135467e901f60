from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The worker may change what is published",
    changes=(
        Edit(
            "migrations/versions/20261129_1340_releases.py",
            old='PRIVATE), "SELECT, INSERT")',
            new='PRIVATE), "SELECT, INSERT, UPDATE")',
        ),
    ),
    red=(
        "tests/db/test_privileges.py::test_D01_privileges_equal_the_checked_in_matrix",
        "tests/releases/test_jobs.py::test_A04_what_was_published_stays_as_it_was",
    ),
)
