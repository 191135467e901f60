from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A02",
    breaks="A browser takes a petition's key of any size and exponent",
    changes=(
        Edit(
            "portal/static/petitions/blind.js",
            old="    if (key.bits !== KEY_BITS || key.e !== EXPONENT)",
            new="    if (false)",
        ),
    ),
    red=("tests/browser/test_petitions.py::test_A02_a_key_is_as_the_ballot_makes_them",),
)
