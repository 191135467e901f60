from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="A browser takes a key that is not the one its page states: one for a single person, say",
    changes=(
        Edit(
            "portal/static/petitions/ballot.js",
            old="    if (stated && !print.startsWith",
            new="    if (false && !print.startsWith",
        ),
    ),
    red=("tests/browser/test_petitions.py::test_A02_another_key_than_the_stated_one_is_refused",),
)
