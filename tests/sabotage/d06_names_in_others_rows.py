from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D06",
    breaks="The name of somebody erased stays in the rows of others",
    changes=(
        Edit(
            "migrations/versions/20261130_1840_names_of_others.py",
            old="        PERFORM erase_others_words(place.name, place.who, person);\n",
            new="        NULL;\n",
        ),
    ),
    red=("tests/deletion/test_people.py::test_D06_who_works_with_others_rows_loses_the_name_there",),
)
