from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="A stop aimed at one person tells the officer whether they were recording",
    changes=(
        Edit(
            "migrations/versions/20261130_1700_stop_audience.py",
            old="SELECT count(*) FROM stop s JOIN employee e ON",
            new="SELECT 10 + count(*) FROM stop s JOIN employee e ON",
        ),
    ),
    red=("tests/stops/test_pages.py::test_D01_a_stop_for_a_few_tells_no_desk_whether_they_were_recording",),
)
