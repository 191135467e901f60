from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A hold that ends while a step is at work is crossed off, and what the step left for it stays for ever",
    changes=(
        Edit(
            "portal/deletion/holding.py",
            old="where(ended, LegalHold.reopened_at.is_(None), ~at_work)",
            new="where(ended, LegalHold.reopened_at.is_(None))",
        ),
    ),
    red=("tests/deletion/test_holds_meanwhile.py::test_R03_a_hold_released_while_a_step_ends_opens_it_again",),
)
