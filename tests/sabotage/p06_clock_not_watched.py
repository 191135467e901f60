from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A pause that begins by the clock changes no lease until the next renewal",
    changes=(
        Edit(
            "gateway/permits.py",
            old="moments += [] if change is None else [change]",
            new="moments += [] if change is None else []",
        ),
    ),
    red=("tests/gateway/test_opamp.py::test_P06_a_pause_that_begins_by_the_clock_takes_the_lease_away",),
)
