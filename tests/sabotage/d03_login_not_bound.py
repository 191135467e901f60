from tests.sabotage.framework import Edit, Sabotage

ACTOR = "migrations/versions/20261129_0200_actor.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="A token of one login works in another",
    changes=(Edit(ACTOR, old="= session_user", new="IS NOT NULL"),),
    red=("tests/db/test_actor.py::test_D03_another_logins_token_is_nobody",),
)
