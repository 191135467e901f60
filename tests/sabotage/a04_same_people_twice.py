from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="A04",
    breaks="A country that is one department is not known to be the same people",
    changes=(
        Edit(
            "portal/releases/tables.py",
            old="if cell not in summed and alone.get(next(iter(inside))) != cell:",
            new="if cell not in summed and len(inside) > 1:",
        ),
    ),
    red=("tests/releases/test_intervals.py::test_A04_a_country_that_is_one_department_tells_nothing_of_it",),
)
