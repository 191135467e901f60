from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="Devices hold weekly pauses by the time zone of before until their next directive",
    changes=(
        Edit(
            "portal/agents/actions.py",
            old="    turn(session, person)\n    next_number(session, person)\n",
            new="    turn(session, person)\n",
        ),
    ),
    red=("tests/agents/test_settings.py::test_P06_another_time_zone_reaches_every_device_with_the_next_directive",),
)
