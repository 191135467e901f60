from tests.sabotage.framework import Edit, Sabotage

FILE = "tests/deletion/test_contested.py"
SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A thaw looks only where an address is the person's by HR's newest word, and says done of what stays apart",
    changes=(
        Edit(
            "portal/deletion/moving.py",
            old="return around(session, person, place, chosen, bounds, covered, ever=True)",
            new="return around(session, person, place, chosen, bounds, covered)",
        ),
    ),
    red=(f"{FILE}::test_R03_what_was_frozen_comes_back_whatever_was_said_of_the_address_since",),
)
