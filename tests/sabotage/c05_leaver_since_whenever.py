from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="C05",
    breaks="A login of the web says since when somebody has left",
    changes=(
        Edit(
            "migrations/versions/20261130_1720_leavers_wait.py",
            old="starts_with(session_user, 'web_')",
            new="false",
        ),
    ),
    red=("tests/exports/test_handovers.py::test_C05_no_login_of_the_web_calls_somebody_a_leaver_of_long_ago",),
)
