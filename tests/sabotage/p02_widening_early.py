from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="A wider policy is obeyed before its first moment",
    changes=(Edit("collector/obeyed.py", old=" and not widens(self.policy, new)", new=""),),
    red=("tests/collector/test_permission.py::test_P02_a_widening_never_comes_early",),
)
