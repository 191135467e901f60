from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="Codes of a handover can be tried without end",
    changes=(Edit("vault/handovers/handing.py", old="SET tries = tries + 1 WHERE", new="SET tries = tries WHERE"),),
    red=("tests/exports/test_handovers.py::test_C05_a_wrong_code_opens_nothing_and_ten_end_it",),
)
