from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="A panel is shown beside one from which it differs by a few people",
    changes=(Edit("portal/releases/panels.py", old="        self._compare()\n", new=""),),
    red=("tests/releases/test_attacker.py::test_A05_any_two_panels_ever_shown_differ_by_nobody_or_by_k",),
)
