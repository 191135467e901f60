from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P03",
    breaks="The central council signs for a site that has its own",
    changes=(
        Edit(
            "wire/councils.py",
            old="return named.pop() if len(named) == 1 and named & _own(trust) else None",
            new="return None",
        ),
    ),
    red=(
        "tests/wire/test_councils.py::test_P03_another_sites_council_one_key_of_two_and_the_central_one_are_refused",
        "tests/wire/test_councils.py::test_P03_a_stop_ends_by_the_council_that_decides",
    ),
)
