from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Who is eligible gets a token for each card",
    changes=(
        Edit(
            "ballot/service.py",
            old="        if first != digest:\n",
            new="        if first is None:\n",
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_a_hundred_cards_of_one_person_at_once_get_one_token",),
)
