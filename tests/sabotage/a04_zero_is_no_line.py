from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A hidden line is left out where nobody did anything, so one that is there tells that somebody did",
    changes=(
        Edit(
            "portal/releases/actions.py",
            old="        if isinstance(value.cell, Place) and value.cell not in table.closed\n",
            new="        if isinstance(value.cell, Place) and value.cell not in table.closed and made.people\n",
        ),
    ),
    red=("tests/releases/test_rare.py::test_A04_no_line_of_a_release_is_there_because_of_what_somebody_did",),
)
