from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="The page of the smallest group believes what its row says beside what was signed",
    changes=(
        Edit(
            "portal/council/groupings.py",
            old="forged=found != document or not as_written)",
            new="forged=False)",
        ),
    ),
    red=("tests/council/test_smallest.py::test_A04_a_forged_number_is_named_and_the_last_good_one_holds",),
)
