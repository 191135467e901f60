from tests.sabotage.framework import Edit, Sabotage

TEST = "test_S01_an_answer_in_another_browser_is_refused_and_stays_good_in_the_right_one"

SABOTAGE = Sabotage(
    requirement="S01",
    breaks="A sign-in may be finished in another browser",
    changes=(
        Edit(
            "migrations/versions/20261121_0410_who_may_what.py",
            old=" AND a.browser_hash = p_browser",
            new="",
        ),
    ),
    red=(f"tests/identity/test_sign_in.py::{TEST}",),
)
