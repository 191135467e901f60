from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="What takes a rollout back gives some people more than they had before it",
    changes=(
        Edit(
            "portal/policies/rollouts/rules.py",
            old="least = next(strictest, dataclasses.replace(old, rules=()))",
            new="least = old",
        ),
    ),
    red=("tests/policies/test_precedence.py::test_P03_what_takes_a_rollout_back_says_what_the_strictest_said",),
)
