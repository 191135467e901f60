from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="HR's login may read every header and sealed body",
    changes=(Edit(PRIVILEGES, old='"web_hr": {},', new='"web_hr": {"segment": "SELECT"},'),),
    red=("tests/db/test_privileges.py::test_D01_privileges_equal_the_checked_in_matrix",),
)
