from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="What people asked to delete waits until everything too old is gone",
    changes=(
        Edit(
            "portal/deletion/retention.py",
            old="                if waits:\n                    raise PeopleFirstError\n",
            new="",
        ),
    ),
    red=("tests/deletion/test_ages.py::test_R03_it_goes_in_bounded_batches_and_people_come_first",),
)
