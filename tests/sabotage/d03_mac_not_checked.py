from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="Whoever names a person acts for that person",
    changes=(Edit(PRIVILEGES, old="IS DISTINCT FROM part[4]", new="IS NULL"),),
    red=("tests/db/test_actor.py::test_D03_a_forged_actor_sees_nothing",),
)
