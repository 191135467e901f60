from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S09",
    breaks="Who signs in next sends or keeps what somebody else wrote",
    changes=(
        Edit(
            "portal/requests/asking.py",
            old='    return request.form.get("whose", str(person().id)) != str(person().id)',
            new="    return False",
        ),
    ),
    red=("tests/requests/test_lost_session.py::test_S09_another_persons_sign_in_neither_sends_nor_keeps_it",),
)
