from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="D05",
    breaks="The gateway starts on any database",
    changes=(Edit("gateway/__main__.py", old='        database.check("gateway")\n', new=""),),
    red=(
        "tests/gateway/test_outages.py::test_D05_the_gateway_does_not_start_on_unsafe_ground",
        "tests/gateway/test_outages.py::test_D05_a_login_that_owns_tables_is_refused",
    ),
)
