from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D01",
    breaks="A stop tells figures of devices where ten people work, though few have a collector",
    changes=(
        Edit(
            "migrations/versions/20261201_1921_counted_collectors.py",
            old="op.execute(CHANGE.format(old=SEEN, new=COLLECTS))",
            new="pass",
        ),
    ),
    red=("tests/stops/test_pages.py::test_D01_a_stop_tells_nothing_where_fewer_than_ten_have_a_collector",),
)
