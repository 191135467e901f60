from tests.sabotage.framework import Edit, Sabotage

SABOTAGE = Sabotage(
    requirement="P06",
    breaks="A device says that it has stopped as of a directive to come: the page says so, and it binds nothing",
    changes=(
        Edit(
            "gateway/reports.py",
            old="least(directive, (SELECT e.directive_number FROM employee e WHERE e.id = r.employee_id)) AS directive",
            new="directive",
        ),
    ),
    red=("tests/gateway/test_reports.py::test_P06_a_stop_with_an_impossible_number_binds_as_any_other[claims0]",),
)
