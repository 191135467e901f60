from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="Who belongs where is written down with a quarter's first release, days after it began",
    changes=(Edit("portal/releases/jobs.py", old="if opened is None or begun > opened:", new="if opened is None:"),),
    red=("tests/releases/test_jobs.py::test_A05_a_panel_is_that_of_the_quarters_first_day",),
)
