from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="Two stops that overlap tell of the few whom only one of them concerns",
    changes=(
        Edit(
            "migrations/versions/20261130_1800_stops_that_overlap.py",
            old="WHERE o.told AND",
            new="WHERE false AND",
        ),
    ),
    red=("tests/stops/test_pages.py::test_D01_stops_that_overlap_tell_no_desk_of_the_few_between_them",),
)
