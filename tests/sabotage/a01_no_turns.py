from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A01",
    breaks="Signing with the name and asking for a token happen at the same time, and both succeed",
    changes=(
        Edit(
            "portal/petitions/actions.py",
            old='    lock(session, f"petition|{petition_id}")\n',
            new="",
        ),
    ),
    red=("tests/petitions/test_turns.py::test_A01_a_token_asked_for_while_the_name_is_signed_leaves_one_of_them",),
)
