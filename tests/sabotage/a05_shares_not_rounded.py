from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A05",
    breaks="Shares are told in whole percent",
    changes=(
        Edit(
            "portal/releases/contributions.py",
            old="min(WHOLE * part // (people * width), WHOLE // width - 1) * width",
            new="WHOLE * part // people",
        ),
    ),
    red=("tests/releases/test_shares.py::test_A05_each_step_of_a_share_holds_twice_k_people_and_rounds_to_5_percent",),
)
