from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The council reads a day anew, and so the difference of two readings",
    changes=(
        Edit(
            "portal/reconciliation/actions.py",
            old="    said = set(",
            new="    session.execute(delete(Share).where(Share.day >= since))\n    said = set(",
        ),
    ),
    red=("tests/reconciliation/test_pages.py::test_A04_a_day_is_told_once_and_never_again",),
)
