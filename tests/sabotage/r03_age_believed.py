from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="Deleting by age is called done, whatever is left",
    changes=(
        Edit(
            "portal/deletion/retention.py",
            old="        return found\n",
            new="        return 0, found[1], found[2]\n",
        ),
    ),
    red=("tests/deletion/test_ages.py::test_R03_what_is_left_is_found_by_the_other_login_and_never_called_done",),
)
