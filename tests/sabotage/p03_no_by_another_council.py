from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A member of one works council says no to what another one decides",
    changes=(
        Edit(
            "portal/policies/deciding/rules.py",
            old="return council in self.mine or council not in self.held",
            new="return True",
        ),
    ),
    red=(
        "tests/deciding/test_seats.py::test_P03_a_member_of_another_council_says_no_to_nothing_of_this_one[reject]",
        "tests/deciding/test_seats.py::test_P03_the_database_refuses_what_the_action_would_let_through",
    ),
)
