from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Beside all red days the council reads how many of them were lost, all but one",
    changes=(Edit("portal/reconciliation/rules.py", old="people >= k and not 0 < others < k", new="people >= k"),),
    red=("tests/reconciliation/test_pages.py::test_A04_what_does_not_agree_differs_from_all_red_days_by_nobody_or_k",),
)
