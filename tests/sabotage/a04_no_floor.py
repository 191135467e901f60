from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="With a signature a number may stand for fewer than eight people",
    changes=(Edit("wire/grouping.py", old="known = FLOOR <= self.people", new="known = 1 <= self.people"),),
    red=("tests/wire/test_grouping.py::test_A04_no_signature_goes_below_the_floor",),
)
