from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="A desk writes when a stop was ended, and with it by which keys that is judged",
    changes=(
        Edit(
            "migrations/versions/20261130_1810_ends_by_the_databases_clock.py",
            old="NOT NULL THEN greatest(clock_timestamp(), NEW.asked_at) END",
            new="NOT NULL THEN NEW.resumed_at END",
        ),
    ),
    red=("tests/stops/test_moment.py::test_P03_no_desk_says_when_a_stop_was_ended",),
)
