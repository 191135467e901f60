from tests.sabotage.framework import Edit, Sabotage

ACTOR = "migrations/versions/20261129_0200_actor.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="Whoever names a person acts for that person",
    changes=(Edit(ACTOR, old="= split_part(token, '|', 4)", new="IS NOT NULL"),),
    red=("tests/db/test_actor.py::test_D03_a_forged_actor_sees_nothing",),
)
