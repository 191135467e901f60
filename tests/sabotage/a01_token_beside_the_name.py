from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Whoever's name stands on the petition gets a token as well",
    changes=(
        Edit(
            "portal/petitions/views.py",
            old="    if petition in queries.mine(db()).signed:\n",
            new="    if False:\n",
        ),
    ),
    red=("tests/petitions/test_ballot.py::test_A01_who_signed_with_the_name_gets_a_token_only_after_taking_it_back",),
)
