from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="S05",
    breaks="A logout token counts as often as it comes",
    changes=(
        Edit(
            "migrations/versions/20261121_0410_who_may_what.py",
            old="    IF NOT FOUND THEN\n        RETURN -1;\n    END IF;",
            new="",
        ),
    ),
    red=("tests/identity/test_logout.py::test_S05_a_replayed_logout_token_is_refused",),
)
