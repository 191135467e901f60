from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="The box is filled from its beginning, so that its order is that of the hand-ins",
    changes=(
        Edit(
            "ballot/box.py",
            old="            slot = secrets.randbelow(SLOTS)\n",
            new="            slot = len(self._taken)\n",
        ),
    ),
    red=("tests/petitions/test_box.py::test_A02_the_box_has_no_time_and_is_in_no_order",),
)
