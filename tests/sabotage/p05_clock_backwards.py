from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="A boot clock that runs backwards lengthens the lease",
    changes=(Edit("collector/permission.py", old="return 0 <= elapsed < life", new="return elapsed < life"),),
    red=("tests/collector/test_permission.py::test_P05_a_boot_clock_that_runs_backwards_ends_the_lease",),
)
