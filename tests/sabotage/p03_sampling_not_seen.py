from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="More of the same may be captured without the council",
    changes=(Edit("wire/policy.py", old="and rule.sampling <= before.sampling", new="and rule.sampling >= 0"),),
    red=("tests/wire/test_widens.py::test_P03_widens_sees",),
)
