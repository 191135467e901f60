from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P02",
    breaks="The officer's key alone can leap to the last version",
    changes=(Edit("wire/policy.py", old="LONGEST_STEP = 1000", new="LONGEST_STEP = 2**53"),),
    red=("tests/wire/test_accept.py::test_P02_fast_forward",),
)
