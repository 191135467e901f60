from tests.sabotage.framework import Edit, Sabotage

ACTOR = "migrations/versions/20261129_0200_actor.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="A stolen token is good for ever",
    changes=(
        Edit(
            ACTOR,
            old=">= clock_timestamp()",
            new="IS NOT NULL",
        ),
    ),
    red=(
        "tests/db/test_actor.py::test_D03_a_forged_actor_sees_nothing",
        "tests/db/test_actor.py::test_D03_a_token_left_in_the_session_expires",
    ),
)
