from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="A lease stays when time goes back",
    changes=(Edit("collector/permission.py", old="        if back:\n            self.drop_lease()\n", new=""),),
    red=("tests/collector/test_time.py::test_P05_time_that_goes_back_takes_the_lease_along",),
)
