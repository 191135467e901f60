from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="R03",
    breaks="A store that tells no kinds keeps everything, as if the decision had said so",
    changes=(
        Edit(
            "portal/deletion/planning.py",
            old="(place.kinds if place.kinds is None and place.tells else",
            new="(place.kinds if place.kinds is None else",
        ),
    ),
    red=("tests/deletion/test_parts_that_stay.py::test_R03_a_store_without_a_column_for_kinds_refuses_and_says_so",),
)
