from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P10",
    breaks="Whatever is in a canary counts as kept, blacked out or not",
    changes=(
        Edit(
            "gateway/canaries.py",
            old="return Shown.KEPT if as_told(policy, Marked(mark, header), item) else Shown.AMISS",
            new="return Shown.KEPT if policy and mark else Shown.AMISS",
        ),
    ),
    red=("tests/gateway/test_canaries.py::test_P10_what_is_not_as_the_policy_says_contradicts",),
)
