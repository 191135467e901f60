from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A stop for a department reaches everybody, whatever department it names",
    changes=(
        Edit(
            "wire/stopping.py",
            old="document.sites, document.departments, document.countries)",
            new="document.sites, None, None)",
        ),
    ),
    red=("tests/gateway/test_stops.py::test_P06_an_audience_is_whoever_fits_all_of_it",),
)
