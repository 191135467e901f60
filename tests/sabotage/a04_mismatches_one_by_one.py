from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The council's number of mismatches moves with each person",
    changes=(
        Edit(
            "portal/reconciliation/settling/rules.py",
            old="abs(people - before) < max(ENOUGH, smallest_group)",
            new="people == before",
        ),
    ),
    red=("tests/reconciliation/test_settling.py::test_A04_the_councils_number_moves_by_k_people_or_not_at_all",),
)
