from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S14",
    breaks="The directory's door opens to any token",
    changes=(
        Edit(
            "portal/directory/views.py",
            old="if not hmac.compare_digest(_token(), settings.scim_token.encode()):",
            new="if not _token():",
        ),
    ),
    red=("tests/directory/test_door.py::test_S14_without_the_token_nothing_is_said",),
)
