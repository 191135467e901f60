from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A03",
    breaks="Any number is shown",
    changes=(
        Edit(
            "portal/petitions/rules.py",
            old="    return votes if votes >= terms.shown_from else None",
            new="    return votes if votes >= terms.shown_from - 9 else None",
        ),
    ),
    red=("tests/petitions/test_nobody.py::test_A03_no_number_below_ten_and_a_new_one_once_a_day",),
)
