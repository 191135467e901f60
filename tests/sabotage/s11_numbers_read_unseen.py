from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="Who reads incidents or the daily check for the works council leaves no line",
    changes=(
        Edit(
            "portal/reconciliation/views.py",
            old="    room.note(db(), room.CHECK)\n",
            new="",
        ),
    ),
    red=("tests/council/test_room.py::test_S11_every_look_is_written_down",),
)
