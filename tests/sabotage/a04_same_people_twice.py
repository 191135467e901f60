from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A country that is one department is not known to be the same people",
    changes=(
        Edit(
            "portal/releases/tables.py",
            old="[(atom, alone.get(atom, atom)) for atom in sorted(inside)]",
            new="[(atom, atom) for atom in sorted(inside)]",
        ),
    ),
    red=("tests/releases/test_intervals.py::test_A04_a_country_that_is_one_department_tells_nothing_of_it",),
)
