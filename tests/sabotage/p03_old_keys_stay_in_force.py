from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What the old keys vouched for stays in force after trust has moved",
    changes=(
        Edit("collector/permission.py", old="            self.key = None\n            self.obeyed.leave()\n", new=""),
    ),
    red=("tests/collector/test_trust.py::test_P03_after_a_move_nothing_of_the_old_keys_stays_in_force",),
)
