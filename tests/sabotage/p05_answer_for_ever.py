from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P05",
    breaks="An answer counts however long it was on its way",
    changes=(
        Edit(
            "collector/timekeeping.py",
            old="if not 0 <= arrived - question.asked < ANSWER_MS:",
            new="if arrived < question.asked:",
        ),
    ),
    red=("tests/collector/test_time.py::test_P05_an_answer_counts_once_and_soon",),
)
