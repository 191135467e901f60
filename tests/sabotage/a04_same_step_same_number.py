from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="Two shares in the same step are said to be about as many people",
    changes=(
        Edit(
            "portal/council/words.py",
            old='        "How many people were captured, and how many paused, is in the same steps as before."\n',
            new='        "About as many people were captured, and about as many paused."\n',
        ),
    ),
    red=("tests/council/test_news.py::test_A04_equal_steps_are_not_said_to_be_equal_numbers",),
)
