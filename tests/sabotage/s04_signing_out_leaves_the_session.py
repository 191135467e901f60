from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S04",
    breaks="Signing out leaves the session alive on the server",
    changes=(
        Edit(
            "migrations/versions/20261121_0410_who_may_what.py",
            old="UPDATE login_session s SET ended_at = now(), id_token = NULL FROM ended WHERE s.id = ended.id",
            new="UPDATE login_session s SET id_token = NULL FROM ended WHERE s.id = ended.id",
        ),
    ),
    red=("tests/identity/test_sign_in.py::test_S04_signing_out_ends_the_session_on_the_server_and_at_the_provider",),
)
