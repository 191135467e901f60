from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="People whose own policy goes on are told that theirs changes",
    changes=(
        Edit(
            "wire/precedence.py",
            old="        if specific(one.audience) > specific(new.audience)\n        and",
            new="        if specific(one.audience) > 3\n        and",
        ),
    ),
    red=("tests/deciding/test_sideways.py::test_P03_whom_a_policy_changes_nothing_for_is_not_told",),
)
