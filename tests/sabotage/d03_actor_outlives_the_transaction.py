from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D03",
    breaks="The next user of a pooled connection acts for the last one",
    changes=(
        Edit(
            "portal/core/db.py",
            old="set_config('portal.actor', :token, true)",
            new="set_config('portal.actor', :token, false)",
        ),
    ),
    red=("tests/db/test_actor.py::test_D03_a_pooled_connection_remembers_nobody",),
)
