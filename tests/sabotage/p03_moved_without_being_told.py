from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="Who moves comes under a wider policy at once, before they were told",
    changes=(
        Edit(
            "gateway/hub.py",
            old="            person.published = holding(policies, facts.workplace, facts.moves, facts.employee, now)\n",
            new="            person.published = there\n",
        ),
    ),
    red=("tests/gateway/test_moves.py::test_P03_what_is_wider_at_the_new_place_waits_until_the_person_was_told",),
)
