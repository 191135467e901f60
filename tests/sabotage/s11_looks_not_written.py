from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S11",
    breaks="Files of the report leave without a line in the list of looks",
    changes=(Edit("portal/council/pages.py", old="    looking.note(What.FILE, told.id)\n", new=""),),
    red=("tests/council/test_room.py::test_S11_every_look_is_written_down",),
)
