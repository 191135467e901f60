from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Whoever deletes by age looks whether it is gone",
    changes=(
        Edit(
            "portal/deletion/retention.py",
            old="with self._database.transaction(READER)",
            new="with self._database.transaction(LOGIN)",
        ),
    ),
    red=("tests/deletion/test_ages.py::test_R03_the_reading_back_is_done_by_the_login_that_can_delete_nothing",),
)
