from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S05",
    breaks="A person's logout leaves sessions whose ID token named no session",
    changes=(
        Edit(
            "migrations/versions/20261201_2026_sessions_without_sid.py",
            old='UNNAMED = " OR (s.sid IS NULL AND p_subject IS NOT NULL)"',
            new='UNNAMED = ""',
        ),
    ),
    red=("tests/identity/test_logout.py::test_S05_a_session_whose_token_named_none_ends_with_the_person",),
)
