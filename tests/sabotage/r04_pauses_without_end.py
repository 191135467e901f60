from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R04",
    breaks="One person has any number of open pauses",
    changes=(
        Edit(
            "portal/pauses/actions.py",
            old="if same is not None or len(held) < MOST_OPEN:",
            new="if same is not None or held is not None:",
        ),
    ),
    red=("tests/pauses/test_actions.py::test_R04_so_many_pauses_are_open_and_everything_can_still_be_paused",),
)
