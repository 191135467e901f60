from tests.sabotage.framework import Edit, Sabotage

PRIVILEGES = "migrations/versions/20261121_0410_who_may_what.py"

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="A stolen token is good for ever",
    changes=(
        Edit(
            PRIVILEGES,
            old="OR part[3]::bigint < extract(epoch FROM clock_timestamp())",
            new="OR part[3]::bigint IS NULL",
        ),
    ),
    red=(
        "tests/db/test_actor.py::test_D03_a_forged_actor_sees_nothing",
        "tests/db/test_actor.py::test_D03_a_token_left_in_the_session_expires",
    ),
)
