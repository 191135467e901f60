from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="What a device said of last week's pause counts for this week's",
    changes=(
        Edit(
            "portal/agents/queries.py",
            old='"asked": [ask.asked_at - ALLOWANCE for ask in asks],',
            new='"asked": [ask.asked_at - 30 * 43200 * ALLOWANCE for ask in asks],',
        ),
    ),
    red=("tests/home/test_steps.py::test_P06_what_was_said_the_week_before_is_no_answer_to_this_week",),
)
