from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D02",
    breaks="A pause is told on a channel whose name anybody can think of",
    changes=(
        Edit(
            "migrations/versions/20261201_1932_wakes.py",
            old="SELECT 'wake_' || left(actor_mac('channel|' || p_what), 48)",
            new="SELECT p_what",
        ),
    ),
    red=("tests/db/test_wakes.py::test_D02_nobody_hears_of_a_pause_but_the_gateway",),
)
