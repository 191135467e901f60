from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="A stop aimed at one person tells the officer whether they were recording",
    changes=(
        Edit(
            "migrations/versions/20261130_1800_stops_that_overlap.py",
            old="min(a.people) >= 10",
            new="min(a.people) >= 1",
        ),
    ),
    red=("tests/stops/test_pages.py::test_D01_a_stop_for_a_few_tells_no_desk_whether_they_were_recording",),
)
