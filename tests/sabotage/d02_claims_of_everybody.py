from tests.sabotage.framework import Edit, Sabotage

CLAIMED = "id, employee_id, item_id, wish, claimed_at, number, state, closed_at"

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="The database lets people take back what others claimed",
    changes=(
        Edit(
            "migrations/versions/20261129_1350_bystanders.py",
            old=f'"web_employee": ("SELECT ({CLAIMED})", OWN)',
            new=f'"web_employee": ("SELECT ({CLAIMED})", EVERY)',
        ),
    ),
    red=("tests/bystanders/test_taking_back.py::test_D02_nobody_takes_back_what_somebody_else_asked",),
)
