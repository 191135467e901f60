from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A month tells a share that one of its weeks hides",
    changes=(Edit("portal/releases/shares.py", old="not known or len(known) < len(told) or", new="not known or"),),
    red=("tests/releases/test_shares.py::test_A04_a_month_tells_of_shares_what_its_weeks_have_told",),
)
